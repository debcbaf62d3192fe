"""Release of a spool entry (R1 to R4)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.release import (
    LEAST_HOLD_DOWN,
    OVERDUE,
    OnActive,
    OnStandby,
    Permission,
    Reason,
    ReleaseView,
    Verdict,
    decide_release,
    overdue,
)
from cluster.types import NotRunning, Postgres, Receiver, Standby, Unknown, Why

UNKNOWN = Unknown(Why.LATE, "late")
OFF = NotRunning("off")
STANDBY = OnStandby(Postgres(True, 500, 500), Receiver("streaming", 5, 500, 0.0), present_timeline=5)
ROW = Standby("south", "streaming", "async", 600, 500)
ACTIVE = OnActive("south", (ROW,), committed=500)
GOOD = ReleaseView(
    ended=True,
    ticket=False,
    in_cluster=True,
    permission=Permission.CERTIFICATE,
    covered=True,
    certified_for=600.0,
    side=STANDBY,
)
SIDES = [STANDBY, ACTIVE]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("permission", "reason"),
    [
        (Permission.CERTIFICATE, Reason.COVERED),
        (Permission.TOMBSTONE, Reason.DELETED),
        (Permission.REFUSED, Reason.REFUSED),
    ],
)
def test_a_permission_that_both_nodes_have_releases(
    side: OnStandby | OnActive, permission: Permission, reason: Reason
) -> None:
    assert decide_release(replace(GOOD, side=side, permission=permission)) == (Verdict.RELEASE, reason)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ended": False}, Reason.IN_PROGRESS),
        ({"ticket": True}, Reason.TICKET),
        ({"in_cluster": False}, Reason.NOT_IN_CLUSTER),
        ({"permission": Permission.NOTHING}, Reason.NO_PERMISSION),
        ({"covered": False}, Reason.NOT_COVERED),
        ({"certified_for": 599.9}, Reason.HOLD_DOWN),
        ({"certified_for": float("nan")}, Reason.HOLD_DOWN),
        ({"hold_down": 0.0, "certified_for": LEAST_HOLD_DOWN - 1}, Reason.HOLD_DOWN),
    ],
)
def test_an_entry_is_kept_with_the_reason(side: OnStandby | OnActive, changes: dict[str, Any], reason: Reason) -> None:
    assert decide_release(replace(GOOD, side=side, **changes)) == (Verdict.KEEP, reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"server": OFF}, Reason.REPLICA),
        ({"receiver": OFF}, Reason.REPLICA),
        ({"server": Postgres(False, None, None)}, Reason.REPLICA),
        ({"receiver": Receiver("waiting", 5, 500, None)}, Reason.REPLICA),
        ({"receiver": Receiver("streaming", 4, 500, None)}, Reason.REPLICA),  # another line of history
        ({"receiver": Receiver("streaming", None, 500, None)}, Reason.REPLICA),
        ({"server": UNKNOWN}, Reason.UNKNOWN),
        ({"receiver": UNKNOWN}, Reason.UNKNOWN),
        ({"present_timeline": None}, Reason.UNKNOWN),
    ],
)
def test_a_standby_believes_only_a_replica_that_follows(changes: dict[str, Any], reason: Reason) -> None:
    assert decide_release(replace(GOOD, side=replace(STANDBY, **changes))) == (Verdict.KEEP, reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"standbys": ()}, Reason.NOT_ACKNOWLEDGED),
        ({"standbys": OFF}, Reason.NOT_ACKNOWLEDGED),
        ({"standbys": (replace(ROW, flushed=499),)}, Reason.NOT_ACKNOWLEDGED),
        ({"standbys": (replace(ROW, flushed=None),)}, Reason.NOT_ACKNOWLEDGED),
        ({"standbys": (replace(ROW, state="catchup"),)}, Reason.NOT_ACKNOWLEDGED),
        ({"standbys": (replace(ROW, name="a backup"),)}, Reason.NOT_ACKNOWLEDGED),
        ({"standbys": UNKNOWN}, Reason.UNKNOWN),
        ({"committed": None}, Reason.UNKNOWN),
    ],
)
def test_the_active_node_waits_for_its_standby(changes: dict[str, Any], reason: Reason) -> None:
    assert decide_release(replace(GOOD, side=replace(ACTIVE, **changes))) == (Verdict.KEEP, reason)


def test_a_tombstone_needs_no_coverage() -> None:
    view = replace(GOOD, permission=Permission.TOMBSTONE, covered=None, certified_for=None)
    assert decide_release(view) == (Verdict.RELEASE, Reason.DELETED)


maybe = st.sampled_from([True, False, None])
SIDES_OR_UNKNOWN: st.SearchStrategy[Any] = st.sampled_from(
    [
        STANDBY,
        ACTIVE,
        None,
        replace(STANDBY, server=UNKNOWN),
        replace(STANDBY, receiver=UNKNOWN),
        replace(STANDBY, present_timeline=None),
        replace(ACTIVE, standbys=UNKNOWN),
        replace(ACTIVE, committed=None),
    ]
)
VIEWS = st.builds(
    ReleaseView,
    ended=maybe,
    ticket=maybe,
    in_cluster=maybe,
    permission=st.sampled_from([*Permission, None]),
    covered=maybe,
    certified_for=st.none() | st.floats(0, 1e9),
    side=SIDES_OR_UNKNOWN,
)


@given(VIEWS)
def test_unknown_anywhere_keeps(view: ReleaseView) -> None:
    parts: list[object] = [view.ended, view.ticket, view.in_cluster, view.permission]
    if view.permission is Permission.CERTIFICATE:
        parts += [view.covered, view.certified_for]
    if None in parts or view.side not in (STANDBY, ACTIVE):
        assert decide_release(view)[0] is Verdict.KEEP


@given(VIEWS)
def test_nothing_is_released_while_it_goes_on_or_a_recovery_is_open(view: ReleaseView) -> None:
    released = decide_release(view)[0] is Verdict.RELEASE
    assert not (released and (not view.ended or view.ticket or not view.in_cluster or not view.permission))


@given(VIEWS, st.floats(0, 1e9))
def test_age_alarms_and_never_releases(view: ReleaseView, age: float) -> None:
    verdict, _ = decide_release(view)
    assert overdue(age, verdict) is (verdict is Verdict.KEEP and age > OVERDUE)
