from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.media.dtmf import Digit, digits
from tests.samples.streams import MS, START, Timed, parsed, rtp


def event(key: int, duration: int, *, end: bool = False) -> bytes:
    return bytes([key, end << 7 | 10, duration >> 8, duration & 255])


def press(key: int, stamp: int, start: int, sequence: int) -> list[Timed]:
    """Three packets while the key is down and three with the end bit, as RFC 4733 2.5.1.4 asks."""
    sent = [event(key, 160 * (at + 1)) for at in range(3)] + [event(key, 640, end=True)] * 3
    return [(start + at * 20 * MS, rtp(sequence + at, stamp, body, kind=101)) for at, body in enumerate(sent)]


def test_each_key_is_told_once_with_its_start_and_length() -> None:
    timed = press(1, 8000, START, 1) + press(11, 16000, START + 500 * MS, 7)
    assert digits(parsed(timed)) == [Digit(START, "1", 80), Digit(START + 500 * MS, "#", 80)]


def test_the_same_key_twice_is_two_digits() -> None:
    timed = press(5, 8000, START, 1) + press(5, 16000, START + 500 * MS, 7)
    assert [found.digit for found in digits(parsed(timed))] == ["5", "5"]


def test_a_key_whose_end_was_lost_still_counts() -> None:
    assert digits(parsed(press(9, 8000, START, 1)[:2])) == [Digit(START, "9", 40)]


def test_a_key_held_longer_than_one_event_can_tell_is_one_digit() -> None:
    first = rtp(1, 1000, event(3, 65535), kind=101)
    second = rtp(2, 1000 + 65535, event(3, 800, end=True), kind=101)
    assert digits(parsed([(START, first), (START + 8192 * MS, second)])) == [Digit(START, "3", 8292)]


def test_events_that_are_no_keys_are_passed_over() -> None:
    assert digits(parsed([(0, rtp(1, 1, event(70, 100), kind=101)), (1, rtp(2, 2, b"\1\2", kind=101))])) == []


@settings(deadline=None)
@given(st.lists(st.binary(max_size=6), max_size=20))
def test_any_payloads_give_digits_or_nothing(payloads: list[bytes]) -> None:
    timed = [(at, rtp(at, at * 7, body, kind=101)) for at, body in enumerate(payloads)]
    assert len(digits(parsed(timed))) <= len(payloads)
