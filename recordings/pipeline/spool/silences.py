"""Spans of a call that nobody may hear: wished by people while it goes on, obeyed by capture, and masked ever after.

One small file a call, `silences/UUID.json`, written by whoever takes the wish; signalling only reads it. So a process
that is killed forgets no span, and signalling stays a function of what lies in the spool.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from apresa.shared.files import write_atomically
from recordings.pipeline.spool.errors import SpoolError

Spans = tuple[tuple[int, int], ...]
"""(from, to) in nanoseconds since 1970, both inclusive, by rising beginnings. A beginning is a span's name."""
MOST = 1000  # spans of one call
LARGEST = 256 << 10


@dataclass(frozen=True, slots=True)
class Silence:
    """The spans of one call, by its id or any of its Call-IDs: nodes that heard it from another message on may differ
    in the id."""

    call: str
    call_ids: tuple[str, ...] = ()
    spans: Spans = ()

    def is_of(self, call: str, call_ids: Iterable[str]) -> bool:
        return self.call == call or not set(self.call_ids).isdisjoint(call_ids)

    def holds_at(self, time_ns: int) -> bool:
        return any(start <= time_ns < end for start, end in self.spans)


def united(*several: Spans) -> Spans:
    """All spans; of two views of one span the one that ends first knows of its end."""
    ends: dict[int, int] = {}
    for start, end in (span for spans in several for span in spans):
        ends[start] = min(end, ends.get(start, end))
    return tuple(sorted(ends.items()))


def spans_of(call: str, call_ids: Iterable[str], wishes: Iterable[Silence]) -> Spans:
    """What people wished not to be heard of this call."""
    names = tuple(call_ids)
    return united(*(wish.spans for wish in wishes if wish.is_of(call, names)))


def outside(time_ns: NDArray[np.int64], spans: Spans) -> NDArray[np.bool_]:
    """Which times are in no span."""
    found = np.ones(len(time_ns), np.bool_)
    for start, end in spans:
        found &= (time_ns < start) | (time_ns > end)
    return found


def parse_silence(facts: object) -> Silence:
    """What `asdict` made of one. Raises SpoolError."""
    try:
        if not isinstance(facts, dict):
            raise TypeError("not an object")
        call = str(UUID(facts["call"]))
        call_ids = tuple(str(name)[:1000] for name in facts["call_ids"][:MOST])
        return Silence(call, call_ids, parse_spans(facts["spans"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SpoolError(f"a silence is not understood: {error}") from error


def parse_spans(found: Any) -> Spans:
    """Raises TypeError, ValueError."""
    spans = tuple((start, end) for start, end in found)
    if len(spans) > MOST or not all(type(moment) is int and 0 <= moment < 1 << 63 for span in spans for moment in span):
        raise ValueError("these are no spans")
    return united(spans)


def read_silences(folder: Path) -> list[Silence]:
    """All wishes; one that cannot be read is left out. Raises OSError where the disk does not answer."""
    found = []
    for path in sorted(folder.glob("*.json")):
        with suppress(SpoolError, FileNotFoundError):
            found.append(_read(path))
    return found


def change_silence(folder: Path, wish: Silence) -> Silence:
    """Add spans to a call's, or end them sooner; what holds then, synced. Raises OSError, SpoolError."""
    with _alone(folder):
        path = folder / f"{UUID(wish.call)}.json"
        with suppress(SpoolError, FileNotFoundError):
            former = _read(path)
            names = tuple(dict.fromkeys([*former.call_ids, *wish.call_ids]))[:MOST]
            wish = Silence(former.call, names, united(former.spans, wish.spans))
        if len(wish.spans) > MOST:
            raise SpoolError("this call was silenced too often")
        write_atomically(path, json.dumps(asdict(wish), separators=(",", ":")).encode())
        return wish


def forget_silences(folder: Path, older_than: float) -> int:
    """Remove those that nobody changed since (seconds since 1970): their calls have ended long ago. How many."""
    count = 0
    for path in folder.glob("*.json"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < older_than:
                path.unlink()
                count += 1
    return count


def _read(path: Path) -> Silence:
    with path.open("rb") as file:
        data = file.read(LARGEST)
    try:
        return parse_silence(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise SpoolError(f"{path.name} is damaged: {error}") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
