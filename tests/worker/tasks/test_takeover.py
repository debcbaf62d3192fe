"""What a node does with the spool and with the rows that it took over (PROTOCOL T1, T2)."""

import pytest

from apresa.events.models import Event
from apresa.node import activation
from recordings.domain.coverage import packets as packet_count
from recordings.domain.deletion import delete_call
from recordings.domain.lookup import coverage_of
from recordings.models import Call, State, Version, Why
from tests.samples.spool import packets, sip_call, spool
from tests.samples.two_nodes import TwoNodes, heard_by_both, of

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def test_t1_takeover_settles_what_the_dead_node_had_not(two: TwoNodes) -> None:
    heard_by_both(two)
    two.promote(two.south)
    assert len(two.settle().stored) == 1
    assert Version.objects.get().activation == activation.newest().uuid  # type: ignore[union-attr]


def test_t2_a_row_whose_file_never_came_waits_and_is_settled_from_the_own_spool(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    version = Version.objects.get()
    two.promote(two.south)
    (two.library / version.file).write_bytes(b"what DRBD had of it")
    two.certify()
    assert Call.objects.get().state == State.AWAITING
    assert len(two.settle().stored) == 1
    call = Call.objects.get()
    assert (call.state, call.version) == (State.STORED, 2)
    assert packet_count(coverage_of(Version.objects.get(number=2))) == 100
    assert two.certify() == 1


def test_t2_a_row_that_its_node_settled_before_is_settled_again(two: TwoNodes) -> None:
    """North takes over again; its spool still has the call, as settled."""
    heard_by_both(two)
    two.settle()
    two.promote(two.south)
    two.promote(two.north)
    (two.library / Version.objects.get().packets).unlink()
    two.certify()
    two.release(two.north)
    assert len(two.settle().stored) == 1
    assert Call.objects.get().state == State.STORED


def test_t2_what_another_activation_wrote_is_certified_once_it_is_checked(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    two.promote(two.south)
    assert two.certify() == 1


def test_a_row_that_a_recovery_discarded_is_settled_again_from_the_spool(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    Call.objects.all().delete()  # the other side's database survived
    two.release(two.north)
    assert len(two.settle().stored) == 1


def published_without_row(two: TwoNodes) -> Version:
    """North publishes a version and dies before the commit."""
    heard_by_both(two)
    two.settle()
    version = Version.objects.get()
    Call.objects.all().delete()
    two.promote(two.south)
    (two.south.live.call("000000000001")).unlink()  # South has not heard it
    return version


def test_t3_a_file_without_row_is_settled_again_from_its_own_packets(two: TwoNodes) -> None:
    orphan = published_without_row(two)
    two.certify()
    assert len(two.settle().stored) == 1
    call = Call.objects.get()
    assert packet_count(coverage_of(Version.objects.get())) == 100
    assert (call.caller, (two.library / orphan.packets).exists()) == ("100", True)
    assert Event.objects.get(code="library-orphans").parameters["adopted"] == 1
    two.certify()
    assert two.settle().settled == 0


def test_t3_what_was_deleted_is_not_adopted(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    delete_call(Call.objects.get(), who="anna", why=Why.PERSON)
    two.promote(two.south)
    two.certify()
    two.settle()
    assert (Call.objects.count(), Event.objects.filter(code="library-orphans").count()) == (0, 0)


def test_t3_a_file_that_cannot_be_read_is_kept_and_told(two: TwoNodes) -> None:
    orphan = published_without_row(two)
    (two.library / orphan.packets).write_bytes(b"damaged")
    two.certify()
    told = Event.objects.get(code="library-orphans").parameters
    assert (told["adopted"], told["kept"], told["first"]) == (0, 1, orphan.packets)
    assert (two.library / orphan.packets).read_bytes() == b"damaged"


def test_t2_a_row_whose_files_stayed_behind_is_settled_with_the_packets_of_the_version_before_it(two: TwoNodes) -> None:
    spool(two.north.live, of(two.north, sip_call()), {"caller": packets("caller", 0, 30)})
    two.settle()
    spool(two.north.live, of(two.north, sip_call("000000000002")), {"caller": packets("caller", 30, 10)})
    two.settle()
    newest = Version.objects.order_by("-number").first()
    assert newest is not None
    for name in newest.files():
        (two.library / name).unlink()
    two.promote(two.south)
    two.certify()
    spool(two.south.live, of(two.south, sip_call("000000000003")), {"caller": packets("caller", 40, 10)})
    two.settle()
    call = Call.objects.get()
    stored = Version.objects.get(call=call, number=call.version)
    assert (call.state, packet_count(coverage_of(stored))) == (State.STORED, 40)


def after_a_split_brain(two: TwoNodes, mine: int, theirs: int) -> None:
    """Both nodes stored the call as version 1, each with the packets that it heard; South's side has survived."""
    spool(two.north.live, of(two.north, sip_call()), {"caller": packets("caller", 0, mine)})
    spool(two.south.live, of(two.south, sip_call()), {"caller": packets("caller", 40 - theirs, theirs)})
    two.settle()
    lost = Version.objects.get()
    Call.objects.all().delete()
    for name in lost.files():
        (two.library / name).unlink()
    two.promote(two.south)
    two.settle()
    kept = Version.objects.get()
    assert (kept.call_id, kept.number) == (lost.call_id, lost.number)
    assert kept.packets != lost.packets
    two.certify()
    two.ship()


def test_a_loser_of_a_split_brain_that_takes_over_before_its_offer_settles_what_only_it_heard(two: TwoNodes) -> None:
    """The survivor's row has the same id and the same version number, and other packets."""
    after_a_split_brain(two, mine=30, theirs=20)
    two.promote(two.north)
    two.release(two.north)
    assert len(two.settle().stored) == 1
    version = Version.objects.order_by("-number")[0]
    assert (version.number, packet_count(coverage_of(version))) == (2, 40)
    two.certify()
    two.ship()
    assert (two.release(two.north), two.north.calls()) == ([], [])


def test_a_loser_of_a_split_brain_that_heard_no_more_than_the_survivor_settles_nothing(two: TwoNodes) -> None:
    after_a_split_brain(two, mine=30, theirs=40)
    two.promote(two.north)
    two.certify()
    two.ship()
    assert (two.release(two.north), two.north.calls(), Version.objects.count()) == ([], [], 1)


def test_what_settle_was_content_with_is_not_settled_again_and_again(two: TwoNodes) -> None:
    """A recording whose packets are lost keeps what it has; the entry is no better, and waits."""
    spool(two.north.live, of(two.north, sip_call()), {"caller": packets("caller", 0, 30)})
    two.settle()
    (two.library / Version.objects.get().packets).unlink()
    spool(two.north.live, of(two.north, sip_call("000000000002")), {"caller": packets("caller", 20, 20)})
    assert len(two.settle().known) == 1
    two.release(two.north)
    assert two.settle().settled == 0
