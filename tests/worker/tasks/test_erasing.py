"""Files go only when the other node knows that they may (PROTOCOL S2, D1, D2)."""

from pathlib import Path

import pytest

from apresa.shared import clock
from cluster import commands
from cluster.domain import handing
from cluster.models import Observation
from cluster.release import Reason
from cluster.told import Repairing, Told
from recordings.domain.deletion import delete_call
from recordings.models import Call, Tombstone, Version, Why
from tests.samples.cluster import replies
from tests.samples.cluster.answers import healthy
from tests.samples.spool import packets, sip_call, spool
from tests.samples.two_nodes import Machine, TwoNodes, answer, heard_by_both, of
from worker.tasks import settle as settle_tasks

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def reasons(two: TwoNodes, machine: Machine) -> list[Reason]:
    return [kept.reason for kept in two.release(machine)]


def test_d1_a_deleted_call_is_not_brought_back_by_the_other_nodes_copy(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    delete_call(Call.objects.get(), who="anna", why=Why.PERSON)
    two.certify()
    two.ship()
    assert reasons(two, two.north) == []
    with two.standby(two.south):
        assert reasons(two, two.south) == []
    assert (two.north.calls(), two.south.calls(), Call.objects.count()) == ([], [], 0)


def test_d2_files_of_a_deleted_call_stay_until_the_other_node_knows(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    audio = two.library / Version.objects.get().file
    delete_call(Call.objects.get(), who="anna", why=Why.PERSON)
    settle_tasks.erase()
    before_its_position_is_known = audio.exists()
    two.certify()
    settle_tasks.erase()
    before_the_standby_has_it = audio.exists()
    two.ship()
    settle_tasks.erase()
    assert (before_its_position_is_known, before_the_standby_has_it, audio.exists()) == (True, True, False)
    assert Tombstone.objects.get().erased_at is not None


def test_d2_what_was_erased_on_one_disk_alone_is_erased_again_after_a_split_brain(two: TwoNodes) -> None:
    heard_by_both(two)
    two.settle()
    audio = two.library / Version.objects.get().file
    content = audio.read_bytes()
    delete_call(Call.objects.get(), who="anna", why=Why.PERSON)
    two.certify()
    two.ship()
    two.cluster.now(drbd_proc=answer(commands.DRBD_PROC, replies.PROC_ALONE))
    settle_tasks.erase()
    erased_here = not audio.exists()
    audio.write_bytes(content)  # the other node's disk, which heard nothing of it, is the one that survives
    two.cluster.now(drbd_proc=answer(commands.DRBD_PROC, replies.PROC))
    two.promote(two.south)
    settle_tasks.erase()
    assert (erased_here, audio.exists()) == (True, False)
    assert Tombstone.objects.get().erased_at is not None


def test_u2_nothing_deleted_is_erased_while_a_recovery_may_bring_a_hold(
    two: TwoNodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing, "folder", lambda: tmp_path)
    heard_by_both(two)
    two.settle()
    audio = two.library / Version.objects.get().file
    delete_call(Call.objects.get(), who="anna", why=Why.PERSON)
    two.certify()
    two.ship()
    waiting = tmp_path / "records.jsonl"
    waiting.touch()
    settle_tasks.erase()
    while_records_wait = audio.exists()
    waiting.rename(waiting.with_suffix(".done"))
    open_there = Told(healthy(), None, Repairing("south", "north", "copy-database", 40, going=True))
    Observation.objects.create(at=clock.now(), report="{}", told=open_there.to_json())
    settle_tasks.erase()
    while_the_other_node_is_recovered = audio.exists()
    Observation.objects.update(told="damaged")
    settle_tasks.erase()
    assert (while_records_wait, while_the_other_node_is_recovered, audio.exists()) == (True, True, False)


def test_s2_a_former_version_stays_until_the_other_node_has_the_new_ones_certificate(two: TwoNodes) -> None:
    spool(two.north.live, of(two.north, sip_call()), {"caller": packets("caller", 0, 30)})
    two.settle()
    two.certify()
    two.ship()
    former = two.library / Version.objects.get().file
    spool(two.north.live, of(two.north, sip_call("000000000002")))
    two.settle()
    settle_tasks.erase()
    uncertified = former.exists()
    two.certify()
    settle_tasks.erase()
    unacknowledged = former.exists()
    two.ship()
    settle_tasks.erase()
    assert (uncertified, unacknowledged, former.exists()) == (True, True, False)
    assert Version.objects.get().number == 2
