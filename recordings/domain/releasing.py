"""Spool entries of ended calls: which there are, and letting go of those that both nodes have (PROTOCOL R1 to R5)."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from recordings.domain.attempts import forget_attempts
from recordings.domain.claim import SETTLED, call_files, clear_streams, streams_of
from recordings.domain.manifest import Manifest, forget_manifest, masked_manifest
from recordings.domain.standing import Permission, Standing
from recordings.pipeline.spool.errors import SpoolError, SpoolForeign
from recordings.pipeline.spool.layout import Session, sessions
from recordings.pipeline.spool.silences import Spans

log = structlog.get_logger(__name__)
Mark = tuple[float, str]
START: Mark = (0.0, "")


@dataclass(frozen=True, slots=True)
class Entry:
    """One ended call in the spool; `written` is when, in seconds since 1970."""

    session: Session
    path: Path
    written: float

    @property
    def mark(self) -> Mark:
        """Its place in the order of age."""
        return self.written, str(self.path)

    @property
    def settled(self) -> bool:
        """Whether this node's settle has stored it."""
        return self.path.parent.name == SETTLED


def entries(spool: Path, node: str) -> list[Entry]:
    """All of this node, oldest first. Raises OSError."""
    found = []
    for session in sessions(spool):
        try:
            session.check(node)
        except SpoolForeign:
            continue
        for path in call_files(session):
            with suppress(FileNotFoundError):
                found.append(Entry(session, path, path.stat().st_mtime))
    return sorted(found, key=lambda one: one.mark)


def known_again(entry: Entry, manifest: Manifest, silences: Spans) -> Manifest | None:
    """What the entry is without these spans, for `masked_standings`; None where it cannot be read now: it is kept."""
    try:
        return masked_manifest(entry.session, entry.path, manifest, silences)
    except (OSError, SpoolError) as error:
        log.info("A spool entry cannot be read now", entry=entry.path.name, reason=str(error))
        return None


def following(everything: list[Entry], behind: Mark, most: int) -> tuple[list[Entry], Mark]:
    """The next entries in order of age, and where the round after them begins, so that none is starved."""
    ahead = [one for one in everything if one.mark > behind]
    batch = (ahead or everything)[:most]
    at_the_end = not batch or batch[-1] is everything[-1]
    return batch, START if at_the_end else batch[-1].mark


@contextmanager
def undisturbed(spool: Path) -> Iterator[None]:
    """While no settle reads this spool. Waits for one that does. Raises OSError."""
    handle = os.open(spool / "settle.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def let_go(released: Iterable[Entry]) -> None:
    """Remove these entries, then the streams that no other entry needs. Only within `undisturbed`. Raises OSError."""
    touched = {}
    named: set[Path] = set()
    for entry in released:
        touched[entry.session.path] = entry.session
        named |= {entry.session.stream(name) for name in streams_of(entry.path)}
        forget_attempts(entry.path)
        entry.path.unlink(missing_ok=True)  # before its manifest, which could be made again
        forget_manifest(entry.path)
    for session in touched.values():
        with suppress(OSError):
            (session.calls / SETTLED).rmdir()  # once it is empty, an imported session can go
        clear_streams(session, named)


def is_settled_still(manifest: Manifest, standing: Standing) -> bool:
    """Whether what was settled here is still what the database has: a recovery may have taken another side's line."""
    if standing.permission in {Permission.TOMBSTONE, Permission.REFUSED} or standing.stored:
        return True
    # The very version that this node's settle was content with: settling again would bring nothing else.
    return standing.row is not None and manifest.settled_as == standing.current and not standing.awaiting


def settle_again(entry: Entry) -> None:
    """Hand an entry back to settle. Only within `undisturbed`. Raises OSError."""
    forget_manifest(entry.path)
    with suppress(FileNotFoundError):
        entry.path.rename(entry.session.calls / entry.path.name)
