"""Taking ended calls out of the spool, oldest first, and clearing away what is settled."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from recordings.domain.attempts import Attempts, forget_attempts, read_attempts, write_attempts
from recordings.domain.keys import MEDIA
from recordings.domain.lookup import view_of
from recordings.domain.manifest import Manifest, forget_manifest, write_manifest
from recordings.pipeline.spool.calls import CallFile, read_call
from recordings.pipeline.spool.content import locked
from recordings.pipeline.spool.errors import SpoolError, SpoolForeign
from recordings.pipeline.spool.layout import Session, sessions

LARGEST_BATCH = 50
DAMAGED = "damaged"
SETTLED = "settled"
"""In a cluster: the folder of what is stored, and waits to be released. Who looks for work does not look there."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One call file that this process settles now."""

    session: Session
    path: Path
    call: CallFile
    attempts: Attempts


@dataclass(frozen=True, slots=True)
class Damaged:
    """A call file that could not be read; it was moved aside."""

    path: Path
    reason: str


@dataclass(slots=True)
class Batch:
    """What one claim found; died holds calls whose last attempt took the worker with it, and which wait now."""

    claimed: list[Claimed] = field(default_factory=list)
    damaged: list[Damaged] = field(default_factory=list)
    died: list[Claimed] = field(default_factory=list)


@contextmanager
def settling(spool: Path) -> Iterator[bool]:
    """Be the one process that settles this spool; False when another does."""
    handle = os.open(spool / "settle.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


def waiting(spool: Path) -> list[tuple[Session, Path]]:
    """All call files of all sessions, oldest first."""
    found = []
    for session in sessions(spool):
        for path in session.calls.glob("*.call"):
            try:
                found.append((path.stat().st_mtime_ns, str(path), session, path))
            except FileNotFoundError:
                continue
    return [(session, path) for _, _, session, path in sorted(found, key=lambda item: item[:2])]


def claim(spool: Path, node: str, now: float, limit: int = LARGEST_BATCH) -> Batch:
    """Up to `limit` call files that are due. Sessions of another node are left alone."""
    batch = Batch()
    foreign: dict[Path, bool] = {}
    for session, path in waiting(spool):
        if session.path not in foreign:
            foreign[session.path] = _is_foreign(session, node)
        attempts = read_attempts(path)
        if foreign[session.path] or attempts.set_aside or attempts.not_before > now or is_locked(path):
            continue
        if attempts.under_way:  # whoever began it is dead, as the lock is ours
            attempts = attempts.worker_died(now)
            write_attempts(path, attempts)
        try:
            item = Claimed(session, path, read_call(path), attempts)
        except (OSError, SpoolError) as error:
            batch.damaged.append(_put_aside(session, path, str(error)))
            continue
        if any(is_locked(session.stream(Path(binding.stream).name)) for binding in item.call.streams):
            continue
        waits = attempts.set_aside or attempts.not_before > now
        (batch.died if waits else batch.claimed).append(item)
        if len(batch.claimed) >= limit:
            break
    return batch


def due(session: Session) -> list[Path]:
    """The call files of a session that may be tried now."""
    now = time.time()
    found = []
    for path in session.calls.glob("*.call"):
        attempts = read_attempts(path)
        if not attempts.set_aside and attempts.not_before <= now and not is_locked(path):
            found.append(path)
    return found


def is_locked(path: Path) -> bool:
    """Whether it is sealed and waits for an unlock: then it is no work, and no fault."""
    try:
        return locked(path)
    except OSError:
        return False


def waiting_for_unlock(spool: Path) -> int:
    """How many ended calls wait."""
    # Where nothing was ever sealed no file is opened: the pages ask every few seconds.
    return sum(is_locked(path) for session, path in waiting(spool) if session.runs.exists())


def any_due(spool: Path) -> bool:
    """Whether any call file may be tried now."""
    return any(due(session) for session in sessions(spool))


def _is_foreign(session: Session, node: str) -> bool:
    try:
        session.check(node)
    except SpoolForeign:
        return True
    return False


def _put_aside(session: Session, path: Path, reason: str) -> Damaged:
    folder = session.calls / DAMAGED
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / path.name
    path.rename(target)
    return Damaged(target, reason)


def put_streams_aside(session: Session, damaged: Iterable[Path]) -> None:
    """Stream files that are no stream files any more are kept for people, out of the way of what clears the spool."""
    for path in damaged:
        folder = session.streams / DAMAGED
        folder.mkdir(mode=0o700, exist_ok=True)
        with suppress(FileNotFoundError):
            path.rename(folder / path.name)


def clear(settled: list[Claimed]) -> None:
    """Remove settled call files, then the stream files that nothing needs any more."""
    touched = {item.session.path: item.session for item in settled}
    named = {item.session.stream(Path(binding.stream).name) for item in settled for binding in item.call.streams}
    for item in settled:
        forget_attempts(item.path)  # first: without its call file nobody would find it again
        item.path.unlink(missing_ok=True)
    for session in touched.values():
        clear_streams(session, named)


def put_by(settled: list[tuple[Claimed, Manifest]]) -> None:
    """Of a cluster: settled call files wait, with their streams, until both nodes have the call (PROTOCOL R1, R2)."""
    for item, manifest in settled:
        folder = item.session.calls / SETTLED
        folder.mkdir(mode=0o700, exist_ok=True)
        target = folder / item.path.name
        forget_attempts(item.path)
        write_manifest(target, manifest)
        item.path.rename(target)
        forget_manifest(item.path)  # of the time when this node stood by


def call_files(session: Session) -> Iterator[Path]:
    """All call files that are whole, settled or not."""
    yield from session.calls.glob("*.call")
    yield from (session.calls / SETTLED).glob("*.call")


def clear_streams(session: Session, settled: set[Path] | None = None) -> None:
    """Remove resolved stream files that no call file names; beside damaged call files only those settled just now."""
    # The markers first: a call file is written before its streams are marked, so one seen later cannot be missed.
    markers = list(session.streams.glob("*.resolved"))
    if not markers:
        return
    needed: set[str] = set()
    careful = any((session.calls / DAMAGED).glob("*.call"))
    for path in call_files(session):
        try:
            needed |= _streams_named(path, path.stat().st_mtime_ns)
        except FileNotFoundError:
            continue
        except (OSError, SpoolError):
            careful = True
    for marker in markers:
        stream = session.stream(marker.stem)
        if marker.stem in needed or (careful and stream not in (settled or set())):
            continue
        stream.unlink(missing_ok=True)
        marker.unlink(missing_ok=True)


def streams_of(path: Path) -> frozenset[str]:
    """The streams that a call file names; none when it cannot be read."""
    try:
        return _streams_named(path, path.stat().st_mtime_ns)
    except (OSError, SpoolError):
        return frozenset()


@lru_cache(maxsize=65536)
def _streams_named(path: Path, _written_ns: int) -> frozenset[str]:
    """A call file is written once, so reading it once is enough."""
    return frozenset(Path(binding.stream).name for binding in read_call(path).streams)


def forget_imports(spool: Path, older_than: float) -> None:
    """Remove imported sessions whose calls are all settled: what a killed import command left."""
    for session in sessions(spool):
        if session.path.parent.name != "imports" or session.path.stat().st_mtime > older_than:
            continue
        if not any(path.suffix in {".call", ""} for path in session.calls.iterdir()):
            shutil.rmtree(session.path, ignore_errors=True)


def independent(claimed: list[Claimed]) -> list[Claimed]:
    """Without calls that could be one with an earlier one: they wait until that one is stored."""
    seen: set[tuple[str, ...]] = set()
    found = []
    for item in claimed:
        view = view_of(item.call, {})
        # Calls that both have signalling are never joined by an announced address.
        strong = {key for key in view.keys if key[0] != MEDIA}
        media = {(str(view.has_dialog), *key) for key in view.keys if key[0] == MEDIA}
        others = {(str(not view.has_dialog), *key) for key in view.keys if key[0] == MEDIA}
        if not (strong | others) & seen:
            found.append(item)
        seen |= strong | media
    return found
