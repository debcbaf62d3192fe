"""Capture files: pcap and pcapng, gzip of both, from a path, an open stream or standard input ("-")."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from recordings.pipeline.capture import classic, pcapng
from recordings.pipeline.capture.blocks import Block
from recordings.pipeline.capture.frames import CaptureError, Frame
from recordings.pipeline.capture.source import MAX_SIZE, Source, opened


def read_blocks(
    capture: Path | str | BinaryIO, *, max_size: int = MAX_SIZE, secrets: list[bytes] | None = None
) -> Iterator[Block]:
    """All frames of a capture in blocks of one link type, in file order; `max_size` bounds its bytes once unpacked.

    Raises CaptureError, after all whole packets before the fault were given; its sentence begins with the file's name,
    `secrets` takes the TLS key logs that a pcapng file holds.
    `packets` says how many were read, `truncated` that nothing is wrong with the file but its early end.
    """
    with opened(capture) as (stream, name):
        done = 0
        try:
            source = Source(stream, max_size)
            for block in _blocks(source, [] if secrets is None else secrets):
                done += len(block)
                yield block
        except CaptureError as error:
            read = f"; the {done} before it were read" if done else ""
            raise CaptureError(f"{name}: {error}{read}", packets=done, truncated=error.truncated) from error
        except OSError as error:
            raise CaptureError(f"{name}: cannot be read: {error.strerror}", packets=done) from error


def read_frames(capture: Path | str | BinaryIO, *, max_size: int = MAX_SIZE) -> Iterator[Frame]:
    """The frames of `read_blocks` one by one."""
    for block in read_blocks(capture, max_size=max_size):
        yield from block.frames()


def _blocks(source: Source, secrets: list[bytes]) -> Iterator[Block]:
    source.fill(4)
    magic = source.data[source.position : source.position + 4]
    if magic in classic.MAGICS:
        return classic.read(source)
    if magic == pcapng.MAGIC:
        return pcapng.read(source, secrets)
    raise CaptureError("this is not a capture file (pcap or pcapng, also in gzip)")
