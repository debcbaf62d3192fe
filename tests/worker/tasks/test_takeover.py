"""What a node does with the spool and with the rows that it took over (PROTOCOL T1, T2)."""

import pytest

from apresa.node import activation
from recordings.domain.coverage import packets as packet_count
from recordings.domain.lookup import coverage_of
from recordings.models import Call, State, Version
from tests.samples.two_nodes import TwoNodes, heard_by_both

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
