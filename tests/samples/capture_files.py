"""Capture files made in memory, in every dialect that the reader knows."""

import io
from collections.abc import Sequence
from struct import pack
from typing import BinaryIO, Protocol

from recordings.pipeline.capture.frames import CaptureError, Frame
from recordings.pipeline.capture.pcap import read_frames

PCAP_MAGICS = {"micro": 0xA1B2C3D4, "nano": 0xA1B23C4D, "modified": 0xA1B2CD34}


class Maker(Protocol):
    """`pcap` or `pcapng`."""

    def __call__(self, content: Sequence[Frame]) -> bytes: ...


def read_all(capture: bytes | BinaryIO, *, max_size: int = 1 << 30) -> tuple[list[Frame], CaptureError | None]:
    """The frames that come out of a capture, and the error that ends them."""
    got: list[Frame] = []
    stream = io.BytesIO(capture) if isinstance(capture, bytes) else capture
    try:
        for frame in read_frames(stream, max_size=max_size):
            got.append(frame)  # noqa: PERF402 -- what came before the error counts
    except CaptureError as error:
        return got, error
    return got, None


def frames(count: int, *, size: int = 60, link: int = 1) -> list[Frame]:
    """Frames a millisecond apart, each with bytes of its own."""
    start = 1_700_000_000_000_000_000
    return [Frame(start + number * 1_000_000, link, bytes([number % 251]) * size, size) for number in range(count)]


def pcap(content: Sequence[Frame], *, order: str = "<", kind: str = "micro", link: int = 1) -> bytes:
    """A pcap file; `kind` is a key of PCAP_MAGICS."""
    parts = [pack(order + "IHHiIII", PCAP_MAGICS[kind], 2, 4, 0, 0, 262144, link)]
    for frame in content:
        seconds, rest = divmod(frame.time_ns, 10**9)
        fraction = rest if kind == "nano" else rest // 1000
        parts.append(pack(order + "IIII", seconds, fraction, len(frame.data), frame.length))
        if kind == "modified":
            parts.append(pack(order + "IHBB", 3, 0x0800, 0, 0))
        parts.append(frame.data)
    return b"".join(parts)


def block(kind: int, body: bytes, *, order: str = "<") -> bytes:
    """One pcapng block."""
    padded = body + bytes(-len(body) % 4)
    total = pack(order + "I", len(padded) + 12)
    return pack(order + "I", kind) + total + padded + total


def section(*, order: str = "<") -> bytes:
    """The header of a pcapng section."""
    return block(0x0A0D0D0A, pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order=order)


def interface(
    link: int = 1, *, order: str = "<", snaplen: int = 0, resolution: int | None = None, offset: int | None = None
) -> bytes:
    """An interface description with if_tsresol and if_tsoffset where given."""
    options = b""
    if resolution is not None:
        options += pack(order + "HHB3x", 9, 1, resolution)
    if offset is not None:
        options += pack(order + "HHq", 14, 8, offset)
    end = pack(order + "HH", 0, 0) if options else b""
    return block(1, pack(order + "HHI", link, 0, snaplen) + options + end, order=order)


def enhanced(data: bytes, ticks: int, *, order: str = "<", number: int = 0, length: int | None = None) -> bytes:
    """An enhanced packet block."""
    head = pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(data), length or len(data))
    return block(6, head + data, order=order)


def obsolete(data: bytes, ticks: int, *, order: str = "<", number: int = 0) -> bytes:
    """A packet block, as pcapng had it before the enhanced one."""
    head = pack(order + "HHIIII", number, 0, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return block(2, head + data, order=order)


def simple(data: bytes, length: int, *, order: str = "<") -> bytes:
    """A simple packet block."""
    return block(3, pack(order + "I", length) + data, order=order)


def pcapng(content: Sequence[Frame], *, order: str = "<", link: int = 1) -> bytes:
    """A pcapng file with one interface that counts microseconds."""
    parts = [section(order=order), interface(link, order=order)]
    parts += [enhanced(frame.data, frame.time_ns // 1000, order=order, length=frame.length) for frame in content]
    return b"".join(parts)
