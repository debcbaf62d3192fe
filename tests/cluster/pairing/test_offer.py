"""How long, how often and for whom the primary's offer holds."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.pairing import offer
from cluster.pairing.offer import Asked, Offer, OfferError, Verdict

OPEN = Offer(b"secret", until=1000.0)
WRONG_TOO_OFTEN = "The code was wrong too often and is void; make a new one on the primary."


def test_right_code_is_granted_and_bound_to_its_request() -> None:
    after, verdict = offer.judge(OPEN, Asked(1.0, "request", right=True))
    assert verdict == Verdict(True)
    assert after == Offer(b"secret", 1000.0, given_to=offer.digest_of("request"))


def test_same_machine_may_ask_again() -> None:
    after, _ = offer.judge(OPEN, Asked(1.0, "request", right=True))
    assert offer.judge(after, Asked(2.0, "request", right=True)) == (after, Verdict(True))


def test_used_code_is_refused_to_another_machine() -> None:
    after, _ = offer.judge(OPEN, Asked(1.0, "request", right=True))
    kept, verdict = offer.judge(after, Asked(2.0, "other", right=True))
    sentence = "This code was used by another machine; make a new one on the primary."
    assert (kept, verdict) == (after, Verdict(False, sentence))


def test_stale_code_is_refused_and_gone() -> None:
    found = offer.judge(OPEN, Asked(1000.0, "request", right=True))
    assert found == (None, Verdict(False, "This code is too old; make a new one on the primary."))


def test_without_an_offer_everything_is_refused() -> None:
    found = offer.judge(None, Asked(1.0, "request", right=True))
    assert found == (None, Verdict(False, "No code is open on the primary; make one there."))


def test_wrong_codes_wait_longer_each_time_and_then_void_the_offer() -> None:
    at, waits, current = 0.0, [], OPEN
    for _ in range(4):
        after, verdict = offer.judge(current, Asked(at, "request", right=False))
        assert after is not None
        current = after
        waits.append(verdict.wait)
        at += verdict.wait
    assert waits == [2.0, 4.0, 8.0, 16.0]
    assert offer.judge(current, Asked(at, "request", right=False)) == (None, Verdict(False, WRONG_TOO_OFTEN))


def test_even_the_right_code_waits_after_a_wrong_one() -> None:
    after, _ = offer.judge(OPEN, Asked(10.0, "request", right=False))
    early, late = (offer.judge(after, Asked(at, "request", right=True))[1] for at in (11.5, 12.0))
    assert (early, late) == (Verdict(False, "A wrong code came before; try again in 1 seconds.", 0.5), Verdict(True))


@given(st.lists(st.tuples(st.floats(0, 2000), st.booleans(), st.sampled_from("ab")), max_size=30))
def test_never_two_machines_and_never_after_five_failures(tries: list[tuple[float, bool, str]]) -> None:
    current: Offer | None = OPEN
    granted, failures = set(), 0
    for at, right, request in sorted(tries):
        current, verdict = offer.judge(current, Asked(at, request, right))
        failures += verdict.reason.startswith(("The code is wrong", "The code was wrong"))
        if verdict.granted:
            assert failures < offer.MOST_FAILURES
            granted.add(request)
    assert len(granted) <= 1


def test_offer_is_read_back_from_its_file() -> None:
    kept = Offer(b"\x00\xff", 12.5, 3, 14.0, "ab")
    assert offer.load(kept.as_bytes()) == kept


@given(st.binary(max_size=100) | st.dictionaries(st.text(), st.text()).map(lambda v: json.dumps(v).encode()))
def test_any_bytes_are_an_offer_or_one_error(data: bytes) -> None:
    with suppress(OfferError):
        offer.load(data)


@given(at=st.integers(0, 200), byte=st.integers(0, 255))
def test_spoilt_offer_is_an_offer_or_one_error(at: int, byte: int) -> None:
    data = bytearray(OPEN.as_bytes())
    data[at % len(data)] = byte
    with suppress(OfferError):
        offer.load(bytes(data))


@pytest.mark.parametrize(
    ("theirs", "sentence"),
    [
        (160.0, ""),
        (161.0, "The clocks of the two machines differ by 61 seconds; set both by NTP first."),
        (float("nan"), "The clocks of the two machines differ by beyond measure; set both by NTP first."),
    ],
)
def test_clocks_that_differ_are_told(theirs: float, sentence: str) -> None:
    assert offer.clocks_fault(theirs, 100.0) == sentence
