"""What the sniffer counts of the mirror port itself, from generated captures."""

from dataclasses import replace
from pathlib import Path

import pytest

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.pcap import read_blocks
from recordings.pipeline.capture.write import udp_frame, write_pcap
from recordings.pipeline.spool.layout import Session
from tests.samples.flows import MS, START, rtp
from tests.samples.packets import fragments
from worker.sniffer.arena import private
from worker.sniffer.core import Core
from worker.sniffer.files import Identity
from worker.sniffer.holder import Holder, parser
from worker.sniffer.offline import Importer, Outcome
from worker.sniffer.shared import Control, Word
from worker.sniffer.status import describe

PHONE, OTHER = "192.0.2.1:4000", "198.51.100.1:5000"


def frame(number: int, size: int = 160, tags: tuple[int, ...] = ()) -> Frame:
    """A packet of one stream; `size` is that of its payload."""
    data = udp_frame(PHONE, OTHER, rtp(number, payload=bytes(size)), tags)
    return Frame(START + number * 20 * MS, 1, data, len(data))


def counted(folder: Path, frames: list[Frame]) -> Control:
    """The frames as a capture file, taken in as an import does."""
    capture = folder / "calls.pcap"
    with capture.open("wb") as file:
        write_pcap(file, frames)
    session = Session(folder / "session")
    session.create("n1")
    importer = Importer(Core(session, Identity("n1", "boot", 1), private(64)))
    for block in read_blocks(capture):
        importer.take(block)
    control = importer.core.control
    importer.end(Outcome(importer.packets))
    return control


def test_plain_frames_are_neither_large_nor_cut_nor_pieces(tmp_path: Path) -> None:
    control = counted(tmp_path, [frame(number) for number in range(10)])
    words = (
        Word.LARGEST,
        Word.NEAR_MTU,
        Word.BEYOND_MTU,
        Word.CUT,
        Word.TIME_BACK,
        Word.FRAGMENTS,
        Word.FRAGMENTS_LOST,
    )
    assert [control.get(word) for word in words] == [214, 0, 0, 0, 0, 0, 0]


def test_full_frames_with_and_without_tags_are_near_the_mtu_and_larger_ones_beyond(tmp_path: Path) -> None:
    full = 1500 - 20 - 8 - 12
    frames = [frame(0, full), frame(1, full, (7,)), frame(2, full, (7, 8)), frame(3, full + 200), frame(4, 1000)]
    control = counted(tmp_path, frames)
    assert [control.get(word) for word in (Word.NEAR_MTU, Word.BEYOND_MTU, Word.LARGEST)] == [3, 1, 1714]


def test_frames_cut_off_are_counted(tmp_path: Path) -> None:
    cut = [replace(frame(number), data=frame(number).data[:60]) for number in range(3)]
    assert counted(tmp_path, [*cut, frame(3)]).get(Word.CUT) == 3


def test_pieces_are_counted_and_those_whose_rest_never_came(tmp_path: Path) -> None:
    frames = []
    for number in range(12):
        whole = frame(number * 100)  # two seconds apart, so that those without their rest are given up
        pieces = fragments(whole.data[14:], 40, identification=number)
        wanted = pieces if number % 2 else pieces[:-1]
        frames += [replace(whole, data=whole.data[:14] + piece, length=14 + len(piece)) for piece in wanted]
    late = replace(frame(0), time_ns=START + 60 * 1000 * MS)
    piece = fragments(late.data[14:], 40, identification=99)[0]
    control = counted(tmp_path, [*frames, replace(late, data=late.data[:14] + piece, length=14 + len(piece))])
    assert control.get(Word.FRAGMENTS) == len(frames) + 1
    assert control.get(Word.FRAGMENTS_LOST) == 6


@pytest.mark.parametrize(("back_ms", "expected"), [(900, 0), (1500, 1)])
def test_times_that_go_back_are_counted_once(tmp_path: Path, back_ms: int, expected: int) -> None:
    before = [frame(number) for number in range(100)]
    after = [replace(one, time_ns=one.time_ns + 2000 * MS - back_ms * MS) for one in before]
    assert counted(tmp_path, before + after).get(Word.TIME_BACK) == expected


def test_the_holder_counts_when_the_clock_was_set(tmp_path: Path) -> None:
    session = Session(tmp_path / "session")
    session.create("n1")
    options = parser().parse_args(
        ["--session", str(session.path), "--node", "n1", "--interface", "x", "--streams", "1"]
    )
    holder = Holder(session, [], options)
    begin = holder.clocks_ns
    for ahead_ms in (1, 3, 99, 4000, 3500, 3500):  # the third and later are set by 96, 3901, 500 and 0 ms
        holder.note_clock(begin + ahead_ms * MS)
    told = describe("boot", holder.control, [], [])
    assert (told["clock_steps"], told["clock_step_ms"]) == (2, 3901)
