"""The certificate (C1, C2): exactly one state of DRBD certifies."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.certify import Certification, certify
from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.readers.drbd import read_events, read_status
from cluster.readers.drbd_proc import read_proc
from cluster.types import NotRunning, Unknown, Why
from tests.samples.cluster import views
from tests.samples.cluster.shared import sampled_texts

STATES = st.builds(
    Drbd,
    role=st.sampled_from(DrbdRole),
    disk=st.sampled_from(DrbdDisk),
    connection=st.sampled_from(DrbdConnection),
    replication=st.sampled_from(DrbdReplication),
    peer_role=st.sampled_from(DrbdRole),
    peer_disk=st.sampled_from(DrbdDisk),
    suspended=st.sampled_from([True, False, None]),
    protocol=st.sampled_from(["A", "B", "C", None]),
    out_of_sync=st.sampled_from([0, 4, None]),
)


def certified(drbd: Drbd | NotRunning | Unknown) -> bool:
    return certify(drbd, asked_at=2.0, settled_at=1.0).certified


def test_connected_and_up_to_date_on_both_sides_certifies() -> None:
    assert certify(views.DRBD, asked_at=2.0, settled_at=1.0) == Certification(True, "The recording is on both disks.")


@given(STATES)
def test_no_other_state_certifies(drbd: Drbd) -> None:
    assert certified(drbd) is (drbd == views.DRBD)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (field, value)
        for field, words in (
            ("role", DrbdRole),
            ("disk", DrbdDisk),
            ("connection", DrbdConnection),
            ("replication", DrbdReplication),
            ("peer_role", DrbdRole),
            ("peer_disk", DrbdDisk),
            ("suspended", [False, True, None]),
            ("protocol", ["C", "A", "B", None]),
            ("out_of_sync", [0, 4, None]),
        )
        for value in words
        if value != getattr(views.DRBD, field)
    ],
)
def test_one_other_word_is_not_yet(field: str, value: Any) -> None:
    result = certify(replace(views.DRBD, **{field: value}), asked_at=2.0, settled_at=1.0)
    assert (result.certified, result.reason.startswith("Not yet: ")) == (False, True)


@pytest.mark.parametrize("asked_at", [1.0, 0.5, float("nan")])
def test_an_observation_from_before_does_not_count(asked_at: float) -> None:
    assert certify(views.DRBD, asked_at=asked_at, settled_at=1.0).reason == (
        "DRBD was asked before the recording was safe here; ask again."
    )


@pytest.mark.parametrize("drbd", [NotRunning("down"), Unknown(Why.LATE, "late")])
def test_what_is_not_known_does_not_certify(drbd: NotRunning | Unknown) -> None:
    assert certified(drbd) is False


@pytest.mark.shared
def test_of_all_real_replies_exactly_the_healthy_primary_certifies() -> None:
    found = {
        folder
        for name, reader in (("proc_drbd.txt", read_proc), ("drbdsetup_events2.txt", read_events))
        for folder, text in sampled_texts(name)
        if certified(_with_protocol(reader(text)))
    }
    assert found == {
        "vm/healthy/myrec1",
        "vm/after_repair_drbd_role_stale_mixed/myrec1",  # by the kernel, which is right; only Pacemaker was stale
        "vm/peer_cluster_stopped_drbd_connected/myrec1",  # the disks are in step, whatever Pacemaker does
    }


@pytest.mark.shared
def test_the_short_status_certifies_nothing_as_it_does_not_tell_enough() -> None:
    states = [read_status(text) for _, text in sampled_texts("drbdadm_status.txt") if "No such" not in text]
    assert [state for state in states if certified(_with_protocol(state))] == []
    assert len(states) > 10


def _with_protocol(drbd: Drbd | NotRunning) -> Drbd | NotRunning:
    """The protocol that the samples' configuration has, for the sources that do not tell it."""
    return replace(drbd, protocol=drbd.protocol or "C") if isinstance(drbd, Drbd) else drbd
