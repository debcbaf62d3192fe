import pytest

from recordings.pipeline.media.codecs.base import Format
from recordings.pipeline.media.codecs.registry import find
from recordings.pipeline.media.guess import looks_like_events, true_clock
from tests.samples.streams import parsed, talk


@pytest.mark.parametrize(
    ("name", "size", "ticks", "clock"),
    [("G722", 160, 160, 8000), ("G722", 160, 320, 16000), ("PCMU", 240, 240, 8000), ("GSM", 33, 320, 16000)],
)
def test_the_clock_is_read_from_steps_and_payloads(name: str, size: int, ticks: int, clock: int) -> None:
    packets = parsed(talk([bytes(size)] * 60, ticks=ticks))
    assert true_clock(packets, find(Format(name)), 8000) == clock


def test_silence_suppression_and_loss_do_not_change_the_clock() -> None:
    timed = talk([bytes(160)] * 90)
    packets = parsed(timed[:20] + timed[40:50] + timed[60:61] + timed[62:])
    assert true_clock(packets, find(Format("PCMU")), 8000) == 8000


@pytest.mark.parametrize(("count", "ticks"), [(5, 320), (60, 0), (60, 207)])
def test_what_is_not_clear_stays_as_announced(count: int, ticks: int) -> None:
    assert true_clock(parsed(talk([bytes(160)] * count, ticks=ticks)), find(Format("PCMU")), 8000) == 8000


def test_key_presses_are_known_by_their_shape() -> None:
    assert looks_like_events(parsed(talk([b"\x05\x0a\x00\xa0"] * 3, kind=97)))


@pytest.mark.parametrize("payload", [b"\x05\x0a\x00", b"\x63\x0a\x00\xa0", b"\x05\x4a\x00\xa0", bytes(160)])
def test_other_payloads_are_no_key_presses(payload: bytes) -> None:
    assert not looks_like_events(parsed(talk([payload] * 3, kind=97)))
