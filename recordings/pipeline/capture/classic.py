"""pcap files: microseconds and nanoseconds, both byte orders, and Kuznetzov's longer record headers."""

from collections.abc import Iterator
from struct import Struct

import numpy as np

from recordings.pipeline.capture.blocks import BLOCK_FRAMES, Block, nanoseconds
from recordings.pipeline.capture.frames import CaptureError
from recordings.pipeline.capture.source import Source

MAX_CAPTURED = 1 << 18  # libpcap's own limit
_MAGICS = {0xA1B2C3D4: (1_000_000, 16), 0xA1B23C4D: (1_000_000_000, 16), 0xA1B2CD34: (1_000_000, 24)}
_FILE_HEADER = 24
# magic → (byte order, ticks per second, size of a record header)
MAGICS = {Struct(order + "I").pack(magic): (order, *kind) for magic, kind in _MAGICS.items() for order in ("<", ">")}


def read(source: Source) -> Iterator[Block]:
    """The blocks of a pcap file, `source` standing at its magic number."""
    if not source.fill(_FILE_HEADER):
        raise CaptureError("the file ends within its header", truncated=True)
    order, per_second, header = MAGICS[source.data[source.position : source.position + 4]]
    (network,) = Struct(order + "I").unpack_from(source.data, source.position + 20)
    source.position += _FILE_HEADER
    captured = Struct(order + "8xI")
    done = 0
    while source.fill(1):
        offsets, error = _walk(source, captured, header)
        if offsets:
            yield _block(source.data, offsets, order, per_second, header, network & 0xFFFF)
            done += len(offsets)
        if error is not None:
            raise CaptureError(f"packet {done + 1} says it has {error} bytes, which cannot be", packets=done)
        if not offsets and not _whole(source, captured, header):
            raise CaptureError(f"the file ends in the middle of packet {done + 1}", packets=done, truncated=True)


def _walk(source: Source, captured: Struct, header: int) -> tuple[list[int], int | None]:
    """The places of the whole records in the buffer, and the impossible length that ended the walk, if one did."""
    data, position, end = source.data, source.position, len(source.data)
    last, unpack = end - header, captured.unpack_from
    offsets: list[int] = []
    error = None
    while position <= last and len(offsets) < BLOCK_FRAMES:
        (size,) = unpack(data, position)
        after = position + header + size
        if size > MAX_CAPTURED:
            error = size
            break
        if after > end:
            break
        offsets.append(position)
        position = after
    source.position = position
    return offsets, error


def _whole(source: Source, captured: Struct, header: int) -> bool:
    """Bring the next record into the buffer as a whole; False where the file ends before."""
    if not source.fill(header):
        return False
    (size,) = captured.unpack_from(source.data, source.position)
    return size > MAX_CAPTURED or source.fill(header + size)


def _block(data: bytes, offsets: list[int], order: str, per_second: int, header: int, link: int) -> Block:
    starts = np.array(offsets, np.int64)
    rows = np.frombuffer(data, np.uint8)[starts[:, None] + np.arange(16)]
    fields = rows.view(np.dtype(f"{order}u4")).astype(np.uint64)
    ticks = fields[:, 0] * np.uint64(per_second) + fields[:, 1]
    caplens = fields[:, 2].astype(np.int64)
    return Block(
        data=data,
        link=link,
        offsets=starts + header,
        caplens=caplens,
        lengths=np.maximum(caplens, fields[:, 3].astype(np.int64)),
        time_ns=nanoseconds(ticks, per_second),
        interfaces=np.zeros(len(starts), np.int64),
    )
