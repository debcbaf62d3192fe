"""Recording goes on after a reboot, while what the boot before left sealed waits for an unlock.

A session whose journal or checkpoint cannot be opened moves aside as a whole, so that nobody has to know its numbers,
streams or calls to begin the next one. The new session is ready, policy included, before it takes the old one's place:
a kill at any point leaves no session that would write in clear.
"""

import shutil
import time
from pathlib import Path

from apresa.shared.files import sync_folder, write_atomically
from recordings.pipeline.spool.content import locked
from recordings.pipeline.spool.layout import WAITING, Session
from recordings.pipeline.spool.segments import segments


def is_locked(session: Session) -> bool:
    """Whether journal or checkpoint wait for an unlock. Raises OSError."""
    return any(locked(path) for path in (*segments(session.journal), session.checkpoint) if path.exists())


def make_way(session: Session, node: str) -> Path | None:
    """Move a locked session aside; where to. None: it is not locked. Raises OSError, SpoolForeign, SpoolBusy."""
    following = Session(session.path.with_name(f"{session.path.name}.next"))
    if not session.path.exists():
        if following.path.exists():  # killed between the two renames
            following.path.rename(session.path)
            sync_folder(session.path.parent)
        return None
    if not is_locked(session):
        shutil.rmtree(following.path, ignore_errors=True)
        return None
    session.check(node)
    with session.lock("holder"):
        _prepare(following, session, node)
        target = session.path.parent / WAITING / f"{time.time_ns():x}"
        target.parent.mkdir(mode=0o700, exist_ok=True)
        session.path.rename(target)
        following.path.rename(session.path)
        sync_folder(target.parent)
        sync_folder(session.path.parent)
    return target


def _prepare(following: Session, session: Session, node: str) -> None:
    shutil.rmtree(following.path, ignore_errors=True)
    following.create(node)
    following.runs.mkdir(mode=0o700)  # calls were sealed here: no policy means "unknown" and never "clear"
    if session.policy.exists():
        write_atomically(following.policy, session.policy.read_bytes())
    sync_folder(following.path)
