"""What happens to spooled calls on the active and the standby node (PROTOCOL section 4); names as in its brackets."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apresa.events.models import Event
from apresa.layout import LibraryMissing
from apresa.node import activation
from cluster import commands
from cluster.release import Reason
from recordings.domain.attempts import read_attempts
from recordings.domain.claim import clear_streams
from recordings.domain.here import here
from recordings.domain.settle import settle
from recordings.models import Call, Certificate, Version
from tests.samples.cluster import replies
from tests.samples.spool import InProcess, packets, rtp_call, sip_call, spool
from tests.samples.two_nodes import Machine, TwoNodes, answer, heard_by_both, of
from worker.tasks import release
from worker.tasks.certify import certify

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def reasons(two: TwoNodes, machine: Machine, seconds: float = 3600.0) -> list[Reason]:
    return [kept.reason for kept in two.release(machine, seconds=seconds)]


def test_a_settled_call_stays_in_the_spool_of_the_active_node_and_is_settled_once(two: TwoNodes) -> None:
    heard_by_both(two)
    assert len(two.settle().stored) == 1
    assert two.settle().settled == 0
    clear_streams(two.north.live)
    assert (two.north.calls(), len(two.north.streams())) == (["000000000001.call"], 4)
    assert Version.objects.get().activation == here().activation


def test_both_nodes_release_a_call_that_both_have(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    assert two.certify() == 1
    two.ship()
    assert reasons(two, two.north) == []
    assert (two.north.calls(), two.north.streams()) == ([], [])
    with two.standby(two.south):
        assert reasons(two, two.south) == []
    assert (two.south.calls(), two.south.streams()) == ([], [])


def test_n1_packets_that_only_the_standby_heard_stay_there(two: TwoNodes) -> None:
    """No failure at all: a hole in the active node's mirror port; "the row is there" would delete the only copy."""
    spool(two.north.live, of(two.north, sip_call()), {"caller": packets("caller", 0, 30), "callee": packets("callee")})
    spool(two.south.live, of(two.south, sip_call()))
    two.settle()
    two.certify()
    two.ship()
    with two.standby(two.south):
        assert reasons(two, two.south) == [Reason.NOT_COVERED]
    assert two.south.calls() == ["000000000001.call"]


def test_n1_signalling_that_only_the_standby_heard_stays_there(two: TwoNodes) -> None:
    spool(two.north.live, of(two.north, rtp_call("000000000001")))
    spool(two.south.live, of(two.south, sip_call()))
    two.settle()
    two.certify()
    two.ship()
    with two.standby(two.south):
        assert reasons(two, two.south) == [Reason.NOT_COVERED]


def test_n2_a_row_without_certificate_releases_nothing(two: TwoNodes) -> None:
    """DRBD cut, the row replicated all the same: neither node may believe it."""
    heard_by_both(two)
    two.settle()
    two.cluster.now(drbd_proc=answer(commands.DRBD_PROC, replies.PROC_ALONE))
    assert two.certify() == 0
    two.ship()
    assert reasons(two, two.north) == [Reason.NO_PERMISSION]
    with two.standby(two.south):
        assert reasons(two, two.south) == [Reason.NO_PERMISSION]
    assert (two.north.calls(), two.south.calls()) == (["000000000001.call"],) * 2


def test_n3_an_active_node_whose_standby_is_away_keeps_its_spool(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    two.certify()
    two.cluster.now(standbys=answer(commands.STANDBYS, replies.STANDBYS.partition("\n")[0] + "\n"))
    assert reasons(two, two.north) == [Reason.NOT_ACKNOWLEDGED]


def test_n4_r2_what_the_standby_has_not_flushed_is_not_released(two: TwoNodes) -> None:
    """Only the active node's port saw the call; released before it was shipped, it is lost with the node."""
    spool(two.north.live, of(two.north, sip_call()))
    two.settle()
    two.certify()
    assert reasons(two, two.north) == [Reason.NOT_ACKNOWLEDGED]
    two.ship()
    assert reasons(two, two.north) == []


def test_c1_every_other_word_of_drbd_means_not_yet(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    for text in (replies.PROC_ALONE, replies.PROC_SYNC, "nonsense", ""):
        two.cluster.now(drbd_proc=answer(commands.DRBD_PROC, text))
        assert (two.certify(), Certificate.objects.count()) == (0, 0), text
    two.cluster.now(drbd_proc=answer(commands.DRBD_PROC, replies.PROC))
    assert two.certify() == 1


def test_c1_the_standby_never_certifies(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    with two.standby(two.south):
        certify()
    assert Certificate.objects.count() == 0


def test_c3_a_merge_has_no_certificate_of_its_own(two: TwoNodes) -> None:
    half = {"caller": packets("caller", 0, 30)}
    spool(two.north.live, of(two.north, sip_call()), half)
    two.settle()
    two.certify()
    spool(two.north.live, of(two.north, sip_call("000000000002")))
    two.settle()
    assert list(Certificate.objects.values_list("number", flat=True)) == [1]
    two.certify()
    assert list(Certificate.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_c3_a_certificate_of_a_former_version_releases_nothing(two: TwoNodes) -> None:
    spool(two.north.live, of(two.north, sip_call()), {"caller": packets("caller", 0, 30)})
    two.settle()
    two.certify()
    two.ship()
    spool(two.north.live, of(two.north, sip_call("000000000002")))
    two.settle()
    assert set(reasons(two, two.north)) == {Reason.NO_PERMISSION}


def test_c4_a_release_waits_for_the_hold_down(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    two.certify()
    two.ship()
    assert reasons(two, two.north, seconds=590) == [Reason.HOLD_DOWN]
    assert reasons(two, two.north, seconds=20) == []


def test_c1_a_version_whose_file_is_gone_is_not_certified(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    (two.library / Version.objects.get().file).unlink()
    assert two.certify() == 0


def test_r1_a_standby_that_follows_another_line_believes_nothing(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    two.certify()
    two.ship()
    with two.standby(two.south, timeline=4):
        assert reasons(two, two.south) == [Reason.REPLICA]


def test_r3_a_node_outside_of_the_cluster_releases_nothing(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    two.certify()
    two.ship()
    with two.standby(two.south):
        two.cluster.now(pacemaker=answer(commands.PACEMAKER, replies.PACEMAKER_OFF))
        assert reasons(two, two.south) == [Reason.NOT_IN_CLUSTER]
        two.cluster.now(
            pacemaker=answer(commands.PACEMAKER, replies.PACEMAKER.replace('online="true"', 'online="false"'))
        )
        assert reasons(two, two.south) == [Reason.NOT_IN_CLUSTER]


@pytest.mark.parametrize(("ticket", "reason"), [(True, Reason.TICKET), (None, Reason.UNKNOWN)])
def test_r3_an_open_or_unknown_recovery_releases_nothing(
    two: TwoNodes, monkeypatch: pytest.MonkeyPatch, ticket: bool | None, reason: Reason
) -> None:
    heard_by_both(two)
    two.settle()
    two.certify()
    two.ship()
    monkeypatch.setattr(release, "ticket_open", lambda: ticket)
    assert reasons(two, two.north) == [reason]


def test_r3_a_recovery_that_begins_meanwhile_stops_the_release(two: TwoNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    heard_by_both(two)
    two.settle()
    two.certify()
    two.ship()
    said = iter([False, False, True])
    monkeypatch.setattr(release, "ticket_open", lambda: next(said))
    two.release(two.north)
    assert two.north.calls() == ["000000000001.call"]


def test_r4_age_alarms_and_releases_nothing(two: TwoNodes) -> None:
    heard_by_both(two)
    with two.standby(two.south):
        os.utime(two.south.live.call("000000000001"), (1e9, 1e9))
        two.release(two.south)
        assert list(Event.objects.filter(code="spool-overdue", closed_at=None).values_list("alarm", flat=True)) == [
            True
        ]
        two.south.live.call("000000000001").unlink()
        two.release(two.south)
    assert not Event.objects.filter(code="spool-overdue", closed_at=None).exists()
    assert Call.objects.count() == 0


def test_s3_a_node_that_another_one_has_superseded_stores_nothing(two: TwoNodes) -> None:
    heard_by_both(two)
    old = here()
    two.promote(two.south)
    two.be(two.north)
    with pytest.raises(activation.Superseded):
        settle(old, InProcess())
    assert (Call.objects.count(), two.north.calls()) == (0, ["000000000001.call"])
    assert read_attempts(two.north.live.call("000000000001")).not_before == 0


def test_s4_a_bare_mount_point_is_never_written(two: TwoNodes, tmp_path: Path) -> None:
    heard_by_both(two)
    place = replace(here(), library=tmp_path / "mount")
    place.library.mkdir()
    with pytest.raises(LibraryMissing):
        settle(place, InProcess())
    assert (list(place.library.iterdir()), Call.objects.count()) == ([], 0)


def test_a_round_asks_the_database_the_same_number_of_times_for_one_entry_and_for_ten(two: TwoNodes) -> None:
    def queries() -> int:
        two.settle()
        with CaptureQueriesContext(connection) as captured:
            two.release(two.north)
        return len(captured)

    heard_by_both(two)
    one = queries()
    for number in range(2, 12):
        spool(two.north.live, of(two.north, sip_call(f"{number:012d}", f"{number}@example.org")), {})
    assert queries() == one


def test_a_lone_machine_releases_at_once(two: TwoNodes) -> None:
    heard_by_both(two)
    place = replace(here(), cluster=False)
    settle(place, InProcess())
    assert (two.north.calls(), two.north.streams()) == ([], [])
