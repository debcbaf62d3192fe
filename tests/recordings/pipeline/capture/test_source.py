import gzip
import io
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from recordings.pipeline.capture.frames import CaptureError, Frame
from recordings.pipeline.capture.pcap import read_frames
from tests.samples.capture_files import Maker, frames, pcap, pcapng, read_all

CONTENT = frames(20)


@pytest.mark.parametrize("make", [pcap, pcapng])
def test_a_compressed_capture_is_read(tmp_path: Path, make: Maker) -> None:
    path = tmp_path / "call.pcap.gz"
    path.write_bytes(gzip.compress(make(CONTENT)))
    assert list(read_frames(path)) == CONTENT


def test_members_of_gzip_are_one_capture_and_padding_is_ignored() -> None:
    data = pcap(CONTENT)
    packed = gzip.compress(data[:100]) + gzip.compress(data[100:]) + bytes(512)
    assert list(read_frames(io.BytesIO(packed))) == CONTENT


def test_members_without_content_are_no_burden() -> None:
    packed = gzip.compress(b"") * 50_000 + gzip.compress(pcap(CONTENT))
    assert list(read_frames(io.BytesIO(packed))) == CONTENT


def ends_with(stream: io.BytesIO, *, max_size: int = 1 << 30) -> tuple[list[Frame], CaptureError]:
    got, error = read_all(stream, max_size=max_size)
    assert error is not None
    return got, error


def test_compressed_data_that_end_early_give_what_is_whole() -> None:
    packed = zlib.compressobj(0, wbits=31)
    data = packed.compress(pcap(CONTENT)) + packed.flush()
    got, error = ends_with(io.BytesIO(data[: len(data) // 2]))
    assert got == CONTENT[: len(got)]
    assert len(got) == 9
    assert error.truncated
    assert str(error) == "capture: the compressed data end too early; the 9 before it were read"


def test_damaged_compression_is_told() -> None:
    packed = bytearray(gzip.compress(pcap(CONTENT)))
    packed[-6] ^= 1
    _, error = ends_with(io.BytesIO(bytes(packed)))
    assert not error.truncated
    assert str(error).startswith("capture: the compressed data are damaged (")


def test_a_compression_bomb_is_refused_before_it_is_unpacked() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(pcap(frames(600, size=60_000))) + packer.flush()
    got, error = ends_with(io.BytesIO(bomb))
    assert len(got) < 600
    assert "compressed more than 200 times" in str(error)


def test_a_capture_beyond_the_limit_is_refused() -> None:
    got, error = ends_with(io.BytesIO(pcap(CONTENT)), max_size=500)
    assert got == []
    assert str(error) == "capture: the capture is larger than the limit of 500 bytes"


@pytest.mark.parametrize(
    ("start", "name"), [(b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh9", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"PK\3\4", "zip")]
)
def test_another_compression_is_named(start: bytes, name: str) -> None:
    _, error = ends_with(io.BytesIO(start + bytes(50)))
    assert str(error) == f"capture: the file is compressed with {name}; unpack it first (only gzip is read as it is)"


def test_an_empty_file_is_said_to_be_empty() -> None:
    assert str(ends_with(io.BytesIO(b""))[1]) == "capture: the file is empty"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.pcap", "cannot be opened: No such file or directory"), ("", "cannot be opened: Is a directory")],
)
def test_a_path_that_cannot_be_read_is_told(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(CaptureError) as caught:
        list(read_frames(tmp_path / name))
    assert str(caught.value) == f"{tmp_path / name}: {reason}"


def test_a_dash_is_standard_input() -> None:
    program = (
        "from recordings.pipeline.capture.pcap import read_frames\n"
        "print(sum(len(frame.data) for frame in read_frames('-')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=gzip.compress(pcap(CONTENT)), capture_output=True, check=True, timeout=60
    )
    assert done.stdout == b"1200\n"
