"""What only the standby heard reaches the active node, and is stored once and whole (PROTOCOL R5)."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apresa.shared import clock
from cluster.release import Reason
from recordings.domain import offering
from recordings.domain.coverage import packets as packet_count
from recordings.domain.deletion import delete_call
from recordings.domain.here import here
from recordings.domain.lookup import coverage_of
from recordings.domain.offering import AGAIN, PATIENCE, Offered, take_in, wants_offer
from recordings.domain.standing import Permission, Standing
from recordings.models import Call, State, Version, Why
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.layout import Session
from tests.samples.spool import VOICES, packets, rtp_call, sip_call, spool
from tests.samples.streams import talk
from tests.samples.two_nodes import TwoNodes, heard_by_both, of
from worker.tasks import offer

pytestmark = pytest.mark.django_db(databases=["default", "node"])
HALF = {"caller": packets("caller", 0, 30)}


class ToNorth:
    """The link, as it ends in North's spool."""

    def __init__(self, two: TwoNodes) -> None:
        self.two = two
        self.names: list[str] = []

    def upload(self, path: str, file: Path) -> dict[str, Any]:
        assert path == "/link/v1/offers"
        self.names.append(take_in(self.two.north.spool, str(self.two.north.uuid), file))
        return {"taken": self.names[-1]}


def offered(two: TwoNodes, memory: offer.Memory | None = None) -> int:
    """South's round, long after it heard the calls; how many it offered."""
    two.now += AGAIN
    for path in two.south.live.calls.rglob("*.call"):
        os.utime(path, (1e9, 1e9))
    with two.standby(two.south):
        return offer.work(two.south.spool, here().work, ToNorth(two), memory or offer.Memory())


def whole(two: TwoNodes) -> None:
    """Settled, certified, shipped: what both nodes have then."""
    two.settle()
    two.certify()
    two.ship()


def only() -> Version:
    call = Call.objects.get()
    return Version.objects.get(call=call, number=call.version)


def test_packets_that_only_the_standby_heard_are_merged_and_then_both_release(two: TwoNodes) -> None:
    spool(two.north.live, of(two.north, sip_call()), HALF)
    spool(two.south.live, of(two.south, sip_call()))
    whole(two)
    assert offered(two) == 1
    assert two.south.calls() == ["000000000001.call"]  # its own copy stays until the merged version is certified
    whole(two)
    assert (packet_count(coverage_of(only())), only().number) == (100, 2)
    assert two.release(two.north) == []
    with two.standby(two.south):
        assert two.release(two.south) == []
    taken = Session(two.north.spool / "offers")
    assert (two.north.calls(), two.south.calls(), list(taken.streams.iterdir())) == ([], [], [])


def test_packets_after_a_wrap_of_their_numbers_are_merged_and_then_both_release(two: TwoNodes) -> None:
    """The part that South adds begins after the wrap: by itself it does not tell that there was one."""
    timed = talk([bytes([number]) * 160 for number in range(20)], ssrc=VOICES["caller"][2], sequence=65_530)
    spool(two.north.live, of(two.north, sip_call()), {"caller": timed[:15]})
    spool(two.south.live, of(two.south, sip_call()), {"caller": timed})
    whole(two)
    assert offered(two) == 1
    whole(two)
    assert [stream.intervals for stream in coverage_of(only()).values()] == [((65_530, 65_549),)]
    assert offered(two) == 0
    with two.standby(two.south):
        assert two.release(two.south) == []


def test_a_call_that_only_the_standby_heard_is_stored(two: TwoNodes) -> None:
    spool(two.south.live, of(two.south, sip_call()))
    assert (offered(two), len(two.settle().stored)) == (1, 1)
    assert Call.objects.get().state == State.STORED


def test_signalling_that_only_the_standby_heard_takes_the_call_over(two: TwoNodes) -> None:
    spool(two.north.live, of(two.north, rtp_call("000000000001")))
    spool(two.south.live, of(two.south, sip_call()))
    whole(two)
    assert offered(two) == 1
    whole(two)
    call = Call.objects.get()
    assert (call.protocol, call.caller, packet_count(coverage_of(only()))) == ("sip", "100", 100)


def test_what_the_row_has_is_not_offered(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    assert offered(two) == 0


def test_what_was_deleted_is_not_offered(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    delete_call(Call.objects.get(), who="anna", why=Why.PERSON)
    assert offered(two) == 0


def test_after_a_split_brain_a_row_whose_file_was_discarded_is_offered_though_its_id_is_known(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    Call.objects.update(state=State.AWAITING)
    assert offered(two) == 1
    assert len(two.settle().stored) == 1
    assert Call.objects.get().state == State.STORED


def test_an_offer_is_repeated_only_after_a_while(two: TwoNodes) -> None:
    spool(two.south.live, of(two.south, sip_call()))
    memory = offer.Memory()
    assert offered(two, memory) == 1
    two.now -= AGAIN
    assert offered(two, memory) == 0
    assert offered(two, memory) == 1


def test_an_offer_that_comes_twice_is_one_entry(two: TwoNodes) -> None:
    spool(two.south.live, of(two.south, sip_call()))
    assert (offered(two), offered(two)) == (1, 1)
    calls = Session(two.north.spool / "offers").calls
    assert [path.suffix for path in calls.iterdir()] == [".call"]
    two.settle()
    assert (Call.objects.count(), Version.objects.count()) == (1, 1)


@pytest.mark.parametrize("content", [b"", b"no tar at all", bytes(2048)])
def test_what_is_no_packets_file_leaves_nothing(two: TwoNodes, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "offer").write_bytes(content)
    with pytest.raises(SpoolError):
        take_in(two.north.spool, str(two.north.uuid), tmp_path / "offer")
    session = Session(two.north.spool / "offers")
    assert [*session.calls.iterdir(), *session.streams.iterdir()] == []


def test_an_offer_that_was_broken_off_is_whole_after_the_next(two: TwoNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    spool(two.south.live, of(two.south, sip_call()))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(offering, "write_call", full)
        with pytest.raises(OSError, match="No space"):
            offered(two)
    assert two.settle().settled == 0
    assert offered(two) == 1
    assert len(two.settle().stored) == 1


def test_a_standby_that_waits_says_why(two: TwoNodes) -> None:
    spool(two.north.live, of(two.north, sip_call()), HALF)
    spool(two.south.live, of(two.south, sip_call()))
    whole(two)
    with two.standby(two.south):
        assert [kept.reason for kept in two.release(two.south)] == [Reason.NOT_COVERED]


STANDINGS = st.builds(
    Standing,
    permission=st.sampled_from(Permission),
    covered=st.sampled_from([True, False, None]),
    version=st.integers(0, 3),
    stored=st.booleans(),
    awaiting=st.booleans(),
)
LAST = st.none() | st.builds(Offered, at=st.floats(0, 1e6), version=st.integers(0, 3))


@given(STANDINGS, st.floats(0, 1e6), LAST, st.floats(0, 1e6))
def test_nothing_is_offered_that_is_stored_deleted_or_young(
    standing: Standing, age: float, last: Offered | None, now: float
) -> None:
    gone = standing.permission in {Permission.TOMBSTONE, Permission.REFUSED}
    if gone or standing.stored or age < PATIENCE:
        assert not wants_offer(standing, age=age, last=last, now=now)


@given(STANDINGS, LAST)
def test_what_no_row_has_whole_is_offered_again_and_again(standing: Standing, last: Offered | None) -> None:
    if not standing.stored and standing.permission in {Permission.NOTHING, Permission.CERTIFICATE}:
        now = (last.at if last else clock.monotonic()) + AGAIN
        assert wants_offer(standing, age=PATIENCE, last=last, now=now)
