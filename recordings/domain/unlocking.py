"""What an earlier boot left sealed: opened by the private key once somebody unlocked it, then settled as any call.

The private key gives the half of each run of a writer, which goes to the keys of this boot: from then on the spool
reads as if there had been no reboot. A session that moved aside gets the end that its journal lacks.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog

from apresa.shared.sealing.errors import SealingError
from apresa.shared.sealing.header import HALF, Header, parse_header
from recordings.domain.claim import waiting_for_unlock
from recordings.domain.importing import ImportRefused, signalled
from recordings.pipeline.spool.content import read_whole, run_in
from recordings.pipeline.spool.errors import SpoolBusy, SpoolError, SpoolForeign
from recordings.pipeline.spool.journal import Kind, facts_payload
from recordings.pipeline.spool.keys import keys
from recordings.pipeline.spool.layout import WAITING, Session, sessions
from recordings.pipeline.spool.sealing import sealing_of
from recordings.pipeline.spool.segments import JournalWriter

log = structlog.get_logger(__name__)
YOUNG = 3600.0  # seconds that a key without a run is kept: it is written before its run
Ask = Callable[[bytes], bytes]
"""A run's header (129 bytes) → its half, from whoever has the private key. Raises SealingError, OSError."""
_asked: list[Ask] = []


def ask_by(door: Ask) -> None:
    """Who has the private key says so here; until then everything that is locked waits."""
    _asked[:] = [door]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for an unlock: ended calls, and sessions of earlier boots in which calls may have been going on."""

    calls: int
    sessions: int

    @property
    def any(self) -> bool:
        return bool(self.calls or self.sessions)


def waiting(spool: Path) -> Waiting:
    found = [session for session in sessions(spool) if session.path.parent.name == WAITING]
    return Waiting(waiting_for_unlock(spool), sum(bool(_locked_runs(session)) for session in found))


def unlock(spool: Path, node: str) -> int:
    """Ask for the half of each run that is needed and not here; how many came. One that is refused stays locked."""
    opened = 0
    for session in _own(spool, node) if _asked else ():
        for run in _locked_runs(session):
            try:
                half = _asked[0](run.pack())
            except (SealingError, OSError) as error:
                log.info("Sealed calls wait for an unlock", session=session.path.name, reason=str(error))
                break  # the others would be asked in vain, each with an entry in the audit trail
            if len(half) != HALF:
                raise ValueError("the half of a key has another length")
            keys().put(run.call, half)
            opened += 1
    return opened


def recover(spool: Path, node: str) -> list[Path]:
    """Find the calls in sessions of earlier boots that are unlocked; the sessions in which that was done now.

    A session that cannot be read to its end is kept, and said. Raises OSError.
    """
    done = []
    for session in _own(spool, node):
        if session.path.parent.name != WAITING or _locked_runs(session):
            continue
        try:
            with session.lock("holder"):
                if _finished(session):
                    continue
                _end(session, node)
                signalled(session, node, limited=False)
        except SpoolBusy:
            continue
        except (ValueError, ImportRefused) as error:  # SpoolError among them
            log.error("A sealed session cannot be read to its end", session=str(session.path), reason=str(error))  # noqa: TRY400 -- a sentence
            continue
        done.append(session.path)
    return done


def _own(spool: Path, node: str) -> Iterator[Session]:
    for session in sessions(spool):
        with suppress(SpoolForeign):
            session.check(node)
            yield session


def _finished(session: Session) -> bool:
    """Whether signalling came to the journal's end. Raises SpoolError, OSError."""
    try:
        found = json.loads(read_whole(session.checkpoint))
    except FileNotFoundError:
        return False
    except RecursionError as error:
        raise SpoolError("the checkpoint is not understood") from error
    return isinstance(found, dict) and found.get("complete") is True


def _end(session: Session, node: str) -> None:
    """The record that capture could not write any more: calls in progress end with the last thing that was heard."""
    writer = JournalWriter(session.journal, {"node": node, "boot": "", "child": 0}, sealing=sealing_of(session))
    if writer.last_kind != Kind.END:
        until_ns = writer.last_ns or 0
        writer.append(Kind.END, until_ns, facts_payload(until_ns=until_ns, packets=0, fault="", truncated=True))
    writer.close()


def forget(spool: Path, node: str) -> None:
    """Let go of keys whose files are gone, and of sessions of earlier boots whose calls are all settled."""
    needed: set[UUID] = set()
    for session in _own(spool, node):
        if _is_done(session):
            shutil.rmtree(session.path, ignore_errors=True)
            continue
        runs = list(session.runs.glob("*.run"))
        used = set(_runs_in(session)) if runs else set()
        for path in runs:
            with _unused(path) as free:
                if not free or path.stem in used:
                    needed.add(UUID(path.stem))
                else:
                    path.unlink()
                    keys().forget(UUID(path.stem))
    for run in keys().runs() - needed:
        if keys().age(run) > YOUNG:
            keys().forget(run)


def _is_done(session: Session) -> bool:
    if session.path.parent.name != WAITING or _locked_runs(session):
        return False
    left = any(path.suffix in {".call", ".pending", ""} for path in session.calls.iterdir())
    with suppress(ValueError, OSError):
        return not left and _finished(session)
    return False


def _locked_runs(session: Session) -> list[Header]:
    """The runs of a session whose half is not here, where files need it."""
    wanted = [path for path in session.runs.glob("*.run") if not keys().has(UUID(path.stem))]
    used = set(_runs_in(session)) if wanted else set()
    return [parse_header(path.read_bytes()) for path in wanted if path.stem in used]


def _runs_in(session: Session) -> Iterator[str]:
    for folder in (session.path, session.journal, session.streams, session.calls):
        for path in folder.rglob("*") if folder != session.path else folder.glob("*"):
            with suppress(OSError):
                if path.is_file() and (run := run_in(path)):
                    yield str(run.call)


@contextmanager
def _unused(path: Path) -> Iterator[bool]:
    """Whether no process gives this run to new files."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)
