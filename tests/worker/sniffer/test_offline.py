"""`python -m worker.sniffer.offline` as other programs call it."""

import gzip
import io
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from recordings.pipeline.capture.frames import CaptureError, Frame
from recordings.pipeline.capture.pcap import read_blocks
from recordings.pipeline.capture.write import write_pcap
from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.layout import Session
from tests.samples.capture_files import pcapng
from tests.samples.flows import START, all_packets, journal, talk
from worker.sniffer.offline import plausible

SENT = talk([1, 2], 30)


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "call.pcap"
    with path.open("wb") as file:
        write_pcap(file, [one.frame() for one in SENT])
    return path


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path / "session")


def offline(session: Session, *arguments: object, data: bytes | None = None) -> tuple[int, str]:
    """Exit status and standard error."""
    command = [sys.executable, "-m", "worker.sniffer.offline", "--session", str(session.path), "--node", "n1"]
    words = [*command, *(str(word) for word in arguments)]
    result = subprocess.run(words, input=data, capture_output=True, check=False, timeout=60)
    assert result.stdout == b""
    return result.returncode, result.stderr.decode()


def test_a_capture_is_read_from_a_file_or_from_standard_input(tmp_path: Path, capture: Path) -> None:
    for number, (word, data) in enumerate([(capture, None), ("-", gzip.compress(capture.read_bytes()))]):
        session = Session(tmp_path / str(number))
        assert offline(session, word, data=data) == (0, "")
        assert set(all_packets(session)) == {(one.flow, one.packet) for one in SENT}


def test_a_capture_cut_short_keeps_what_was_whole(session: Session, capture: Path) -> None:
    os.truncate(capture, capture.stat().st_size - 3)
    status, said = offline(session, capture)
    assert (status, said.count("\n")) == (1, 1)
    assert sum(all_packets(session).values()) == len(SENT) - 1
    [end] = journal(session, Kind.END)
    assert (end.facts()["truncated"], end.facts()["fault"]) == (True, said.strip())


@pytest.mark.parametrize("content", [b"", b"this is no capture", bytes(1000)])
def test_what_is_no_capture_is_refused_in_one_sentence(session: Session, capture: Path, content: bytes) -> None:
    capture.write_bytes(content)
    status, said = offline(session, capture)
    assert (status, said.startswith(f"{capture}: "), said.count("\n")) == (1, True, 1)
    assert [record.facts()["packets"] for record in journal(session, Kind.END)] == [0]


def test_a_missing_file_is_named(session: Session, tmp_path: Path) -> None:
    status, said = offline(session, tmp_path / "nothing.pcap")
    assert (status, said) == (1, f"{tmp_path}/nothing.pcap: cannot be opened: No such file or directory\n")


def test_a_capture_over_the_limit_is_refused(session: Session, capture: Path) -> None:
    status, said = offline(session, "--max-size", 5000, capture)
    assert (status, "larger than the limit of 5000 bytes" in said) == (1, True)


def test_a_finished_import_is_not_done_again(session: Session, capture: Path) -> None:
    assert offline(session, capture) == (0, "")
    before = [record.payload for record in journal(session)]
    assert offline(session, capture) == (0, "")
    assert [record.payload for record in journal(session)] == before


def test_an_import_that_was_broken_off_begins_anew(session: Session, capture: Path) -> None:
    assert offline(session, capture) == (0, "")
    [segment] = session.journal.iterdir()
    os.truncate(segment, segment.stat().st_size - 1)
    assert offline(session, capture) == (0, "")
    assert dict(all_packets(session)) == {(one.flow, one.packet): 1 for one in SENT}
    assert len(journal(session, Kind.BOOT)) == 1


def test_a_session_in_use_is_left_alone(session: Session, capture: Path) -> None:
    session.create("n1")
    with session.lock("holder"):
        assert offline(session, capture) == (5, f"another holder is already at work in {session.path}\n")


def test_a_session_of_another_node_is_left_alone(session: Session, capture: Path) -> None:
    session.create("n2")
    status, said = offline(session, capture)
    assert (status, "belongs to node n2" in said) == (5, True)


def test_progress_is_told(session: Session, capture: Path) -> None:
    read, write = os.pipe()
    words = ["--session", str(session.path), "--node", "n1", "--progress-fd", str(write), str(capture)]
    subprocess.run([sys.executable, "-m", "worker.sniffer.offline", *words], check=True, pass_fds=[write], timeout=60)
    os.close(write)
    with os.fdopen(read) as told:
        assert told.read() == "60\n"


def test_wrong_arguments_are_a_matter_of_usage(session: Session) -> None:
    status, said = offline(session)
    assert (status, "usage:" in said) == (2, True)


def test_one_frame_with_a_damaged_time_moves_nothing_else() -> None:
    for strange_ns in (0, START + 10**16, 2**63 - 1):
        times = [START + n * 20_000_000 for n in range(10_000)]
        for place in (5, 4095, 4096, 9_000):
            times[place] = strange_ns
        frames = [Frame(time_ns, 1, b"x" * 20, 20) for time_ns in times]
        found = [t for block in plausible(read_blocks(io.BytesIO(pcapng(frames)))) for t in block.time_ns.tolist()]
        assert found[4096 - 3 : 4095] == times[4096 - 3 : 4095]
        assert max(abs(time_ns - START - n * 20_000_000) for n, time_ns in enumerate(found)) < 10**9


def test_hours_without_a_frame_stay_as_they_are() -> None:
    hours = [START + n * 7200 * 10**9 for n in (0, 1, 1, 1, 3, 5, 5, 9)]
    frames = [Frame(time_ns, 1, b"x" * 20, 20) for time_ns in hours]
    assert [t for block in plausible(read_blocks(io.BytesIO(pcapng(frames)))) for t in block.time_ns.tolist()] == hours


def test_a_capture_that_ends_in_a_fault_gives_all_before_it() -> None:
    data = pcapng([Frame(START + n, 1, b"x" * 20, 20) for n in range(9)])
    blocks = plausible(read_blocks(io.BytesIO(data[:-5])))
    found = next(blocks).time_ns.tolist()
    with pytest.raises(CaptureError):
        next(blocks)
    assert len(found) == 8


def test_a_disk_that_does_not_take_all_is_said_and_never_passed_over(session: Session, capture: Path) -> None:
    session.create("n1")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    command = [
        sys.executable,
        "-m",
        "worker.sniffer.offline",
        "--session",
        str(session.path),
        "--node",
        "n1",
        str(capture),
    ]
    result = subprocess.run(
        command,
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1])),
    )
    assert (result.returncode, result.stderr.decode().count("\n")) == (6, 1)
