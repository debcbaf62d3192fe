"""A plan on a machine that is not as it says: every fault at once, at its answer, in one sentence."""

from dataclasses import replace
from typing import Any

import pytest

from cluster.catalogue.setup import FAULTS
from cluster.findings import fill
from cluster.setup.answers import STAND_IN, Answers, Plan
from cluster.setup.machine import Network
from cluster.setup.validate import check
from cluster.setup.world import Disk, World, judge
from tests.samples.cluster.set_up import GOOD

ANSWERS = replace(GOOD, directory="/var/lib/apresa/library", size="1000000")
GOOD_DISK = Disk(there=True, size=1000000, signature="")
WORLD = World(
    name="myrec1",
    networks=(Network("eth0", "192.168.2.11", 24),),
    names={"myrec1": frozenset(), "myrec2": frozenset()},
    disk=GOOD_DISK,
    ports=frozenset(),
    floating_taken=False,
    missing=(),
    helper="",
    other_databases=False,
    foreign_database="",
    library="/var/lib/apresa/library",
    calls=False,
    paired=True,
)
SECOND = replace(WORLD, name="myrec2", networks=(Network("eth0", "192.168.2.12", 24),))


def told(world: World, role: str = "primary", answers: Answers = ANSWERS) -> list[tuple[str, str]]:
    plan = check(answers)
    assert isinstance(plan, Plan)
    found = judge(answers, plan, role, world)
    return [(one.where, fill(FAULTS[one.finding.code], one.finding.parameters)) for one in found]


@pytest.mark.parametrize(("world", "role"), [(WORLD, "primary"), (SECOND, "secondary")])
def test_nothing_speaks_against_a_machine_that_is_as_the_answers_say(world: World, role: str) -> None:
    assert told(world, role) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "debian12"}, ("first.name", "This machine is called debian12, not myrec1;")),
        ({"networks": (Network("eth0", "192.168.2.99", 24),)}, ("first.address", "This machine has not the address")),
        (
            {"networks": (Network("eth0", "192.168.2.11", 16),)},
            ("first.mask", "On this machine this address has a mask"),
        ),
        ({"names": {"myrec2": frozenset({"10.9.9.9"})}}, ("second.name", "The name myrec2 leads to 10.9.9.9 here;")),
        ({"floating_taken": True}, ("floating", "192.168.2.10 is in use by a machine of this network;")),
        ({"floating_taken": None}, ("floating", "It cannot be told whether 192.168.2.10 is free:")),
        ({"disk": Disk(there=False)}, ("disk", "There is no partition /dev/sdb1 on this machine;")),
        ({"disk": replace(GOOD_DISK, used=True)}, ("disk", "/dev/sdb1 is in use (mounted, swap,")),
        ({"disk": replace(GOOD_DISK, signature="ext4")}, ("disk", "/dev/sdb1 holds something already (ext4),")),
        ({"disk": replace(GOOD_DISK, signature=None)}, ("disk", "It cannot be told what lies on /dev/sdb1,")),
        ({"ports": frozenset({"5432/tcp"})}, ("", "Another program uses port 5432/tcp of this machine;")),
        ({"missing": ("crmsh",)}, ("", "This is not installed on this machine: crmsh.")),
        ({"helper": "no such file"}, ("", "The root helper does not answer: no such file")),
        ({"other_databases": True}, ("", "The PostgreSQL server of this machine holds databases of others;")),
        ({"foreign_database": "/database/db/main"}, ("", "/database/db/main exists already,")),
        ({"library": "/data/library"}, ("directory", "The recordings must be mounted on /data/library,")),
    ],
)
def test_each_fault_is_told_at_its_place(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    ((where, sentence),) = told(replace(WORLD, **changes))
    assert (where, sentence[: len(expected[1])]) == expected


def test_an_interface_that_is_not_there_is_told() -> None:
    where, _ = told(WORLD, answers=replace(ANSWERS, interface="eth7"))[0]
    assert where == "interface"


def test_all_faults_come_at_once() -> None:
    bad = replace(WORLD, name="other", networks=(), disk=Disk(there=False), missing=("crmsh",))
    assert [where for where, _ in told(bad)] == ["first.name", "first.address", "interface", "disk", ""]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"calls": True}, ("", "This machine holds recordings of its own,")),
        ({"paired": False}, ("", "This machine is not paired with a primary yet,")),
        ({"disk": replace(GOOD_DISK, size=999999)}, ("disk", "/dev/sdb1 has 999999 bytes here and 1000000 on the")),
        ({"disk": replace(GOOD_DISK, size=1000001)}, ("disk", "/dev/sdb1 has 1000001 bytes here and 1000000 on the")),
    ],
)
def test_the_secondary_has_faults_of_its_own(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    ((where, sentence),) = told(replace(SECOND, **changes), "secondary")
    assert (where, sentence[: len(expected[1])]) == expected


def test_the_primary_keeps_its_calls_and_knows_no_other_disk() -> None:
    assert told(replace(WORLD, calls=True, paired=False)) == []


def test_the_floating_address_is_the_primarys_once_the_secondary_asks() -> None:
    assert told(replace(SECOND, floating_taken=True), "secondary") == []


def test_only_the_labs_stand_in_may_hold_something_already() -> None:
    lab = replace(ANSWERS, device=STAND_IN, disk="/var/lib/drbd-standin/disk")
    assert told(replace(WORLD, disk=replace(GOOD_DISK, signature="")), answers=lab) == []
