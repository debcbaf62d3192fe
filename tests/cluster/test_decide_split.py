"""A split brain and a switchover look alike in two reports of two moments: what may be claimed, over any view."""

from hypothesis import given, settings

from cluster.decide import decide
from cluster.drbd_types import Drbd, DrbdRole
from cluster.pacemaker_types import Pacemaker, ResourceKind, ResourceRole
from cluster.types import ClusterView, Configuration, NodeView, Postgres
from tests.cluster.test_decide_properties import VIEWS, reports


def says_active(view: NodeView, name: str) -> bool:
    """Whether this report says, by anything in it, that the node is active: written anew, apart from the rules."""
    pacemaker, drbd = view.pacemaker, view.drbd
    by_pacemaker = False
    if isinstance(pacemaker, Pacemaker):
        knows = isinstance(drbd, Drbd) and drbd.connected and drbd.peer_role is not DrbdRole.UNKNOWN
        on_both = [one for one in pacemaker.of_kind(ResourceKind.SERVICE) if len(one.nodes) > 1]
        by_pacemaker = (
            name in pacemaker.promoted(ResourceKind.DATABASE)
            or any(one.role is ResourceRole.STARTED and name in one.nodes for one in on_both)
            or (view.name != name and not knows and name in pacemaker.promoted(ResourceKind.DRBD))
        )
    own = view.name == name
    writes = own and isinstance(view.postgres, Postgres) and not view.postgres.in_recovery
    kernel = isinstance(drbd, Drbd) and (drbd.role if own else drbd.peer_role) is DrbdRole.PRIMARY
    return by_pacemaker or writes or kernel


# Else nobody here knows the other one's name.
KNOWING = VIEWS.filter(lambda view: isinstance(view.own.configuration, Configuration))


@settings(max_examples=300, deadline=None)
@given(KNOWING)
def test_a_split_brain_is_claimed_only_of_one_moment_and_never_where_the_volume_has_one_writer(
    view: ClusterView,
) -> None:
    told = {one.code for one in decide(view).findings}
    active = [{name for name in ("north", "south") if says_active(one, name)} for one in reports(view)]
    if "two-active" in told:
        one_sees_both = any(len(names) > 1 for names in active)
        volumes = [one.drbd for one in reports(view)]
        one_writer = all(
            isinstance(one, Drbd) and one.connected and sorted((one.role, one.peer_role)) == ["Primary", "Secondary"]
            for one in volumes
        )
        assert one_sees_both or (view.apart <= 10.0 and not one_writer)


@settings(max_examples=300, deadline=None)
@given(KNOWING)
def test_two_active_nodes_are_always_told_somehow_and_nobody_is_ready(view: ClusterView) -> None:
    active = {name for one in reports(view) for name in ("north", "south") if says_active(one, name)}
    if len(active) > 1:
        judgement = decide(view)
        found = {one.code for one in judgement.findings} & {"two-active", "active-moving", "two-active-perhaps"}
        assert (len(found), judgement.ready, judgement.active) == (1, False, None)
