"""What only this node heard goes to the active one (PROTOCOL R5): packed here, taken in there as a spool entry.

The offer is a packets file, as the library has them: call file and streams in one tar, nothing silenced in it. The
offerer keeps its own copy until it is released like any other; so an offer that comes to nothing costs nothing.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from apresa.shared.files import sync_folder
from recordings.domain.claim import call_files, is_locked, streams_of
from recordings.domain.evidence import gather
from recordings.domain.manifest import Manifest
from recordings.domain.packets import extract_packets, stored_call, write_packets
from recordings.domain.releasing import Entry
from recordings.domain.standing import Permission, Standing
from recordings.pipeline.spool.calls import read_call, write_call
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.layout import OFFERS, Session
from recordings.pipeline.spool.masking import masked
from recordings.pipeline.spool.sealing import sealing_of
from recordings.pipeline.spool.silences import Spans
from recordings.store import sha256_of

PATH = "/link/v1/offers"
PATIENCE = 60.0  # seconds that the active node has for its own copy, and its row to come here
AGAIN = 600.0  # seconds after which an offer is repeated that changed nothing
NAME = 16  # digits of the tar's digest that name the entry


class Other(Protocol):
    """The active node, as the link reaches it."""

    def upload(self, path: str, file: Path) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Offered:
    """When an entry was offered last (monotonic), and which version its row had then."""

    at: float
    version: int


def wants_offer(standing: Standing, *, age: float, last: Offered | None, now: float) -> bool:
    """Whether an ended entry is to be offered: what no row has whole, and nobody deleted (R5)."""
    if standing.permission in {Permission.TOMBSTONE, Permission.REFUSED} or standing.stored or age < PATIENCE:
        return False
    return last is None or last.version != standing.version or now - last.at >= AGAIN


@contextmanager
def packed(entry: Entry, silences: Spans, work: Path) -> Iterator[Path]:
    """The offer of an entry without these spans, for a `with`. Raises OSError, SpoolError."""
    call = masked(read_call(entry.path), silences)
    with tempfile.TemporaryDirectory(prefix="offer-", dir=work) as folder:
        path = Path(folder) / "offer.packets"
        write_packets(path, call, gather(call, entry.session.streams))
        yield path


def offer(entry: Entry, manifest: Manifest, other: Other, work: Path) -> None:
    """Raises OSError, SpoolError, or what the link raises."""
    if manifest.record:  # what a rule refused is nobody's gap
        with packed(entry, manifest.silences, work) as path:
            other.upload(PATH, path)


def take_in(spool: Path, node: str, offered: Path) -> str:
    """Make a packets file an entry of this node's own spool, synced; its name. Twice is once.

    Raises SpoolError where it is no packets file, OSError.
    """
    name = sha256_of(offered)[:NAME]
    session = Session(spool / OFFERS)
    session.create(node)
    if session.call(name).exists():
        return name
    stored_call(offered)  # a damaged one leaves nothing behind
    sealing = sealing_of(Session(spool / "live"), session)
    call = extract_packets(offered, session.streams, prefix=f"{name}-", write=sealing.write)
    streams = [session.stream(binding.stream) for binding in call.streams]
    for path in streams:
        _sync(path)
    sync_folder(session.streams)
    if len({path.name for path in streams}) != len(streams):
        raise SpoolError("two streams of the offer have one name")
    write_call(session.call(name), replace(call, local=name), sealing)
    for path in streams:  # the call file first: a stream that is marked and not named is removed
        session.resolved(path.stem).touch(mode=0o600)
    return name


def forget_broken_off(spool: Path, older_than: float) -> None:
    """Of offers that were never acknowledged, or whose call is released: streams that no call names may be cleared."""
    session = Session(spool / OFFERS)
    if not session.streams.is_dir():
        return
    found = [path for path in session.streams.glob("*.stream") if path.stat().st_mtime < older_than]
    needed: frozenset[str] = frozenset()
    for path in call_files(session) if found else ():
        if is_locked(path):
            return  # nobody knows what it needs
        needed |= streams_of(path)
    for path in found:
        if path.stem not in needed:
            session.resolved(path.stem).touch(mode=0o600)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
