"""What a person looks at, made from the view."""

from dataclasses import replace

from cluster.decide import decide
from cluster.drbd_types import DrbdDisk, DrbdReplication, DrbdRole
from cluster.pacemaker_types import FailedAction, ResourceRole
from cluster.picture import DiskRow, LinkRow, Picture, picture
from cluster.types import Alone, Check, ClusterView, NotRunning, Postgres, RingLink, Unknown, Why
from tests.samples.cluster import views
from tests.samples.cluster.bad_states import BAD
from tests.samples.cluster.views import (
    BOTH,
    FROM_STANDBY,
    HEALTHY,
    PACEMAKER,
    SOUTH,
    drbd,
    own,
    pacemaker,
    resource,
    resources,
)

LATE = Unknown(Why.LATE, "No answer.")


def of(view: ClusterView) -> Picture:
    found = picture(view, decide(view))
    assert found is not None
    return found


def test_a_lone_machine_has_no_picture() -> None:
    assert picture(Alone("north"), decide(Alone("north"))) is None


def test_both_nodes_are_shown_from_either_side() -> None:
    for view, here in ((HEALTHY, "north"), (FROM_STANDBY, "south")):
        cards = of(view).nodes
        assert [(card.name, card.active, card.standby, card.database, card.disk) for card in cards] == [
            ("north", True, False, "primary", "UpToDate"),
            ("south", False, True, "standby", "UpToDate"),
        ]
        assert [card.name for card in cards if card.here] == [here]


def test_the_other_node_is_shown_by_its_own_report() -> None:
    services = replace(views.SERVICES, checks=(Check("web", good=False, sentence="It is off."),))
    south = replace(SOUTH, services=services, postgres=NotRunning("off"))
    card = of(replace(BOTH, peer=south, link=replace(views.LINK, release="0.2.0"))).nodes[1]
    assert (card.database, card.disk, card.reported, card.release) == ("off", "UpToDate", True, "0.2.0")
    assert (card.services, card.disks) == (services.checks, (DiskRow(("data",), 10),))


def test_without_its_report_the_other_node_is_shown_as_this_one_sees_it() -> None:
    card = of(replace(HEALTHY, peer=LATE, link=LATE)).nodes[1]
    assert (card.database, card.disk, card.reported) == ("standby", "UpToDate", False)
    assert (card.services, card.disks, card.release) == ((), (), "")


def test_the_database_line_tells_what_is_outstanding_where_it_is_known() -> None:
    assert (of(HEALTHY).database.behind, of(FROM_STANDBY).database.behind) == (0, None)  # type: ignore[union-attr]  # there in both
    assert of(own(HEALTHY, standbys=LATE, receiver=LATE, postgres=LATE)).database is None


def test_the_volume_line_tells_how_far_the_copy_is() -> None:
    syncing = drbd(
        HEALTHY,
        replication=DrbdReplication.SYNC_SOURCE,
        peer_disk=DrbdDisk.INCONSISTENT,
        percent=43.0,
        seconds_left=7800,
    )
    line = of(syncing).volume
    assert line is not None
    assert (line.percent, line.seconds_left, line.good) == (43.0, 7800, False)
    assert of(own(HEALTHY, drbd=LATE)).volume is None


def test_a_failure_names_the_resource_it_is_about() -> None:
    longer = (*PACEMAKER.resources, resource("postgresql_backup", PACEMAKER.resources[4].kind, ResourceRole.STARTED))
    failures = (
        FailedAction("postgresql_monitor_7000", "south", "error", ""),
        FailedAction("postgresql_backup_start_0", "south", "error", ""),
        FailedAction("elsewhere_start_0", "south", "error", ""),
    )
    found = of(pacemaker(HEALTHY, resources=longer, failures=failures))
    assert [failure.resource for failure in found.failures] == ["postgresql", "postgresql_backup", ""]


def test_trouble_of_a_resource_is_shown_with_it() -> None:
    found = of(resources(HEALTHY, lambda one: replace(one, failed=True, blocked=one.name == "volume")))
    assert {(row.name, row.trouble) for row in found.resources if row.kind == "service"} == {
        ("address", "failed"),
        ("volume", "blocked"),
        ("active", "failed"),
    }


def test_every_bad_state_has_a_picture() -> None:
    for _, _, view in BAD:
        assert len(of(view).nodes) in {1, 2}


def test_a_stream_is_good_only_from_the_one_active_node_to_the_other() -> None:
    assert (of(HEALTHY).database.good, of(FROM_STANDBY).database.good) == (True, True)  # type: ignore[union-attr]  # there in both
    split = own(HEALTHY, postgres=Postgres(in_recovery=False, received=None, replayed=None))
    split = drbd(split, peer_role=DrbdRole.PRIMARY)
    assert of(split).database.good is False  # type: ignore[union-attr]  # there, too


def test_both_links_are_shown_with_what_corosync_says_of_each() -> None:
    (here, other) = (views.ADDRESSES[name] for name in ("north", "south"))
    one_down = (RingLink(0, here[0], 2, connected=True), RingLink(1, here[1], 2, connected=False))
    assert of(own(HEALTHY, links=one_down)).links == (
        LinkRow(0, here[0], other[0], connected=True),
        LinkRow(1, here[1], other[1], connected=False),
    )
    assert [link.connected for link in of(own(HEALTHY, links=LATE)).links] == [None, None]
    assert [link.connected for link in of(own(HEALTHY, links=one_down[:1])).links] == [True, None]
    assert of(own(HEALTHY, configuration=LATE)).links == ()
