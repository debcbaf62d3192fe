"""RTP packets in bulk: headers of many packets at once, long sequence numbers, order, duplicates (RFC 3550)."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HEADER = 12
RTCP = (*range(192, 196), *range(200, 214))  # second octets that are RTCP's packet types (RFC 5761 4)
DROPOUT = 3000  # RFC 3550 A.1, MAX_DROPOUT: a larger step is a restart, not a loss


class RtpError(ValueError):
    """The description of the packets is itself wrong (arrays of different lengths)."""


@dataclass(frozen=True, slots=True)
class Packets:
    """n RTP packets in one buffer; payload i is data[start[i]:start[i]+length[i]], without padding."""

    data: bytes
    time_ns: Ints
    start: Ints
    length: Ints
    sequence: Ints
    timestamp: Ints
    ssrc: Ints
    payload_type: Ints
    marker: Bools

    def __len__(self) -> int:
        return len(self.sequence)

    def payload(self, index: int) -> bytes:
        begin = int(self.start[index])
        return self.data[begin : begin + int(self.length[index])]

    def payloads(self) -> Iterator[bytes]:
        data = self.data
        ends = self.start + self.length
        return (data[begin:end] for begin, end in zip(self.start.tolist(), ends.tolist(), strict=True))

    def joined(self, begin: int, end: int) -> bytes:
        """The payloads of packets begin to end, one after the other."""
        length = int(self.length[begin]) if begin < end else 0
        if length > 0 and (self.length[begin:end] == length).all():
            return _rows(np.frombuffer(self.data, np.uint8), self.start[begin:end], length).tobytes()
        return b"".join(self.payload(index) for index in range(begin, end))

    def take(self, chosen: Ints | Bools | slice) -> "Packets":
        """The same buffer, fewer packets or another order."""
        picked = {field.name: getattr(self, field.name)[chosen] for field in fields(self) if field.name != "data"}
        return replace(self, **picked)


def parse(data: bytes, offsets: Ints, lengths: Ints, time_ns: Ints) -> Packets:
    """Read the headers; what is no RTP packet (version, RTCP of RFC 5761, cut) is left out.

    Packet i is data[offsets[i]:offsets[i]+lengths[i]]. Raises RtpError when the arrays do not belong together.
    """
    if not len(offsets) == len(lengths) == len(time_ns):
        raise RtpError("offsets, lengths and times must have one entry per packet")
    buffer = np.frombuffer(data, np.uint8)
    begin, size = offsets.astype(np.int64), lengths.astype(np.int64)
    fits = (begin >= 0) & (size >= HEADER) & (begin <= len(buffer) - size)
    begin, size, time_ns = begin[fits], size[fits], time_ns.astype(np.int64)[fits]
    head = _rows(buffer, begin, HEADER)
    first, second = head[:, 0].astype(np.int64), head[:, 1].astype(np.int64)
    start = begin + HEADER + 4 * (first & 15)
    end = begin + size
    start = _skip_extension(buffer, start, end, (first & 16) != 0)
    padding = np.where((first & 32) != 0, buffer[np.maximum(end, 1) - 1] if len(end) else 0, 0).astype(np.int64)
    padded_wrong = ((first & 32) != 0) & (padding == 0)
    good = (first >> 6 == 2) & ~np.isin(second, RTCP) & ~padded_wrong & (start + padding <= end)
    words = np.ascontiguousarray(head[:, 4:12]).view(">u4").reshape(-1, 2)
    packets = Packets(
        data=data,
        time_ns=time_ns,
        start=start,
        length=end - padding - start,
        sequence=head[:, 2].astype(np.int64) << 8 | head[:, 3],
        timestamp=words[:, 0].astype(np.int64),
        ssrc=words[:, 1].astype(np.int64),
        payload_type=second & 127,
        marker=second > 127,
    )
    return packets.take(good)


def _rows(buffer: NDArray[np.uint8], begin: Ints, width: int) -> NDArray[np.uint8]:
    """Row i holds buffer[begin[i]:begin[i]+width]; one copy per row, no index matrix."""
    if not len(begin):
        return np.zeros((0, width), np.uint8)
    view = np.ndarray((len(buffer) - width + 1,), f"V{width}", buffer, strides=(1,))
    return view[begin].view(np.uint8).reshape(-1, width)


def _skip_extension(buffer: NDArray[np.uint8], start: Ints, end: Ints, extended: Bools) -> Ints:
    """Move start behind the header extension (RFC 3550 5.3.1); one that is cut moves it behind the end."""
    if not extended.any():
        return start
    room = extended & (start + 4 <= end)
    at = np.where(room, start, 0)
    words = (
        buffer[np.minimum(at + 2, len(buffer) - 1)].astype(np.int64) << 8 | buffer[np.minimum(at + 3, len(buffer) - 1)]
    )
    return np.where(room, start + 4 + 4 * words, np.where(extended, end + 1, start))


def split(packets: Packets) -> list[tuple[int, Packets]]:
    """(SSRC, its packets in arrival order), in the order of the SSRCs' first packets."""
    if not len(packets):
        return []
    order = np.argsort(packets.ssrc, kind="stable")
    cuts = np.flatnonzero(np.diff(packets.ssrc[order])) + 1
    groups = sorted(np.split(order, cuts), key=lambda group: int(group[0]))
    return [(int(packets.ssrc[group[0]]), packets.take(group)) for group in groups]


def extend_sequence(sequence: Ints) -> Ints:
    """Long numbers for 16-bit ones in arrival order: wraps counted; a restart goes on above the highest so far."""
    if not len(sequence):
        return sequence.astype(np.int64)
    steps = _signed(np.diff(sequence), 16)
    long = np.concatenate([sequence[:1], sequence[0] + np.cumsum(steps)]).astype(np.int64)
    shifts = np.zeros(len(long), np.int64)
    highest, shifted, seen = -1, 0, 0
    for index in (np.flatnonzero(np.abs(steps) > DROPOUT) + 1).tolist():
        highest = max(highest, int(long[seen:index].max()) + shifted)
        seen = index
        settled = index < len(steps) and steps[index] == 1  # two in a row (RFC 3550 A.1): not one stray packet
        behind = highest + 1 - int(long[index]) - shifted
        if settled and behind > 0:
            shifts[index] = -(-behind // 65536) * 65536
            shifted += int(shifts[index])
    return long + np.cumsum(shifts)


def extend_timestamp(timestamp: Ints) -> Ints:
    """Long numbers for 32-bit ones in sequence order."""
    if not len(timestamp):
        return timestamp.astype(np.int64)
    return np.concatenate([timestamp[:1], timestamp[0] + np.cumsum(_signed(np.diff(timestamp), 32))]).astype(np.int64)


def _signed(steps: Ints, bits: int) -> Ints:
    half = 1 << (bits - 1)
    return (steps + half) % (1 << bits) - half


def checksums(packets: Packets) -> Ints:
    """CRC-32 of each payload."""
    return np.fromiter(map(zlib.crc32, packets.payloads()), np.int64, len(packets))


@dataclass(frozen=True, slots=True)
class Ordered:
    """One SSRC's packets, each once, by long sequence number; `arrival` keeps the numbers as they came in."""

    packets: Packets
    sequence: Ints
    checksum: Ints
    arrival: Ints
    duplicates: int
    conflicts: int  # same number, other bytes: the first copy is in `packets`

    def intervals(self) -> tuple[tuple[int, int], ...]:
        """Inclusive runs of the sequence numbers."""
        numbers = self.sequence
        if not len(numbers):
            return ()
        cuts = np.flatnonzero(np.diff(numbers) != 1)
        firsts = numbers[np.concatenate([[0], cuts + 1])].tolist()
        lasts = numbers[np.concatenate([cuts, [len(numbers) - 1]])].tolist()
        return tuple(zip(firsts, lasts, strict=True))


def order(packets: Packets, rank: Ints | None = None) -> Ordered:
    """Sort packets in arrival order by sequence number and drop repetitions.

    Of several copies with one number the one of lowest rank stays, then the first.
    """
    numbers = extend_sequence(packets.sequence)
    crc = checksums(packets)
    by = np.argsort(numbers, kind="stable") if rank is None else np.lexsort((rank, numbers))
    number, check, stamp = numbers[by], crc[by], packets.timestamp[by]
    repeated = np.zeros(len(by), np.bool_)
    repeated[1:] = number[1:] == number[:-1]
    owner = np.maximum.accumulate(np.where(repeated, 0, np.arange(len(by)))) if len(by) else by
    same = repeated & (check == check[owner]) & (stamp == stamp[owner])
    keep = by[~repeated]
    return Ordered(
        packets=packets.take(keep),
        sequence=numbers[keep],
        checksum=crc[keep],
        arrival=numbers,
        duplicates=int(same.sum()),
        conflicts=int((repeated & ~same).sum()),
    )


def join(several: list[Packets]) -> tuple[Packets, Ints]:
    """Packets of several buffers as one, in arrival order, and for each which of the several it came from."""
    buffers = list({id(item.data): item.data for item in several}.values())  # spans of one file share its buffer
    begins = np.cumsum([0, *(len(buffer) for buffer in buffers)]).tolist()
    shift = {id(buffer): begin for buffer, begin in zip(buffers, begins, strict=False)}
    moved = [replace(item, start=item.start + shift[id(item.data)]) for item in several]
    columns: dict[str, Any] = {
        field.name: np.concatenate([getattr(item, field.name) for item in moved])
        for field in fields(Packets)
        if field.name != "data"
    }
    source = np.repeat(np.arange(len(several)), [len(item) for item in several])
    united = Packets(data=buffers[0] if len(buffers) == 1 else b"".join(buffers), **columns)
    by_time = np.argsort(united.time_ns, kind="stable")
    return united.take(by_time), source[by_time]
