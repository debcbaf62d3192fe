"""The packets of one call, out of the stream files that its call file names, and what they cover."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from recordings.domain.coverage import StreamCoverage
from recordings.pipeline.media import rtp
from recordings.pipeline.spool.calls import Binding, CallFile
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.silences import Spans, outside
from recordings.pipeline.spool.streams import SILENCED, StreamData, read_stream

Reader = Callable[[Path], StreamData]


@dataclass(frozen=True)
class Part:
    """The packets of one binding: `packets` are parsed and in arrival order, `chosen` their places in `data`."""

    binding: Binding
    path: Path
    data: StreamData
    chosen: rtp.Ints
    packets: rtp.Packets

    @property
    def whole(self) -> bool:
        """Whether the binding takes the stream file as it is."""
        return len(self.chosen) == len(self.data.time_ns) and not self.data.torn_bytes


@dataclass(frozen=True)
class Evidence:
    """All parts of one call; what is missing, in sentences; and which stream files are there but damaged."""

    call: CallFile
    parts: tuple[Part, ...]
    missing: tuple[str, ...] = ()
    damaged: tuple[Path, ...] = ()

    def coverage(self) -> dict[str, StreamCoverage]:
        return self._coverage

    @cached_property
    def _coverage(self) -> dict[str, StreamCoverage]:
        """Made once: settling asks several times, and it takes a checksum of every payload."""
        flows: dict[str, list[rtp.Packets]] = {}
        for part in self.parts:
            flows.setdefault(f"{part.binding.source}|{part.binding.destination}", []).append(part.packets)
        # All parts of a flow at once, as rendering does: a part alone does not tell how often its numbers had wrapped.
        return {
            name: found
            for flow, several in flows.items()
            for name, found in _coverage(flow, rtp.join(several)[0] if several[1:] else several[0])
        }


def gather(call: CallFile, folder: Path, read: Reader = read_stream) -> Evidence:
    """Read what the call's bindings name in this folder of stream files.

    Raises OSError where a file is there and cannot be read now: that is no reason to do without it.
    """
    parts = []
    missing = []
    damaged = []
    for binding in call.streams:
        path = folder / f"{Path(binding.stream).name}.stream"
        try:
            parts.append(_part(binding, path, read(path), call.silences))
        except FileNotFoundError:
            missing.append(f"{binding.stream}: the stream file is not there")
        except SpoolError as error:
            missing.append(f"{binding.stream}: {error}")
            damaged.append(path)
    return Evidence(call, tuple(parts), tuple(missing), tuple(damaged))


def _part(binding: Binding, path: Path, data: StreamData, silences: Spans) -> Part:
    wanted = (data.time_ns >= binding.from_ns) & (data.time_ns <= binding.to_ns) & (data.flags & SILENCED == 0)
    wanted &= outside(data.time_ns, silences)
    chosen = np.flatnonzero(wanted)
    packets = rtp.parse(data.data, data.offsets[chosen], data.lengths[chosen].astype(np.int64), data.time_ns[chosen])
    if binding.ssrcs:
        packets = packets.take(np.isin(packets.ssrc, binding.ssrcs))
        first = np.frombuffer(data.data, np.uint8)
        ssrc = _ssrcs(first, data, chosen)
        chosen = chosen[np.isin(ssrc, binding.ssrcs)]
    return Part(binding, path, data, chosen, packets)


def _ssrcs(buffer: "np.typing.NDArray[np.uint8]", data: StreamData, chosen: rtp.Ints) -> rtp.Ints:
    """The SSRC field of each chosen packet; -1 for one too short to have it."""
    found = np.full(len(chosen), -1, np.int64)
    for place, index in enumerate(chosen.tolist()):
        begin = int(data.offsets[index])
        if data.lengths[index] >= rtp.HEADER:
            found[place] = int.from_bytes(buffer[begin + 8 : begin + 12].tobytes(), "big")
    return found


def _coverage(flow: str, heard: rtp.Packets) -> Iterator[tuple[str, StreamCoverage]]:
    for ssrc, packets in rtp.split(heard):
        ordered = rtp.order(packets)
        digest = hashlib.blake2b(digest_size=8)
        digest.update((ordered.sequence & 0xFFFF).astype(">i8").tobytes())
        digest.update(ordered.packets.timestamp.astype(">i8").tobytes())
        digest.update(ordered.checksum.astype(">i8").tobytes())
        yield f"{ssrc:08x}|{flow}", StreamCoverage(ordered.intervals(), frozenset({digest.hexdigest()}))


def without(part: Part, known: list[Part]) -> Part:
    """The part without the packets that others of the same flow have already: a merge adds, and doubles nothing."""
    flow = (part.binding.source, part.binding.destination)
    seen = {
        identity
        for other in known
        if (other.binding.source, other.binding.destination) == flow
        for identity in _identities(other)
    }
    if not seen:
        return part
    keep = [
        index for index, identity in zip(part.chosen.tolist(), _identities(part), strict=True) if identity not in seen
    ]
    chosen = np.array(keep, np.int64)
    data = part.data
    packets = rtp.parse(data.data, data.offsets[chosen], data.lengths[chosen].astype(np.int64), data.time_ns[chosen])
    return replace(part, chosen=chosen, packets=packets)


def _identities(part: Part) -> list[bytes]:
    """The bytes of each chosen packet: equal bytes are the same packet, seen again."""
    data, lengths = part.data, part.data.lengths
    return [data.data[(begin := int(data.offsets[index])) : begin + int(lengths[index])] for index in part.chosen]
