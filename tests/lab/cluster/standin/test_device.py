"""The stand-in for DRBD decides as DRBD: it never lets two sides write, and never copies over what it should keep."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.readers.drbd import read_json, read_protocol
from tests.lab.cluster.standin.answer import answer
from tests.lab.cluster.standin.device import Device, Refused


def meet(one: Device, other: Device, times: int = 4) -> None:
    """Both look at each other, with the link whole; the source copies at once."""
    for _ in range(times):
        for source, target in ((one, other), (other, one)):
            if source.peer_says(target.told_peer()):
                target.synced_from(source.told_peer())


def cut(*devices: Device) -> None:
    for device in devices:
        device.peer_says(None)


def pair() -> tuple[Device, Device]:
    """Connected and up to date, the first one primary."""
    one, other = Device(), Device()
    one.bring_up()
    other.bring_up()
    one.promote(force=True)
    meet(one, other)
    return one, other


def test_a_new_pair_is_in_step_after_its_first_copy() -> None:
    one, other = pair()
    assert [(d.role, d.connection, d.replication, d.disk, d.peer_disk) for d in (one, other)] == [
        ("Primary", "Connected", "Established", "UpToDate", "UpToDate"),
        ("Secondary", "Connected", "Established", "UpToDate", "UpToDate"),
    ]


def test_a_second_primary_is_refused_while_connected() -> None:
    _, other = pair()
    with pytest.raises(Refused, match="Multiple primaries"):
        other.promote()


def test_a_bad_copy_is_not_promoted() -> None:
    alone = Device()
    alone.bring_up()
    with pytest.raises(Refused, match="UpToDate"):
        alone.promote()


def test_the_standby_that_took_over_is_the_source_for_the_old_primary() -> None:
    one, other = pair()
    one.take_down()
    cut(other)
    other.promote()
    one.bring_up()
    assert other.peer_says(one.told_peer())
    meet(one, other)
    assert (other.role, other.replication, one.role, one.disk) == ("Primary", "Established", "Secondary", "UpToDate")


def test_two_that_wrote_alone_stay_alone() -> None:
    one, other = pair()
    cut(one, other)
    other.promote()
    meet(one, other)
    assert (one.connection, other.connection) == ("StandAlone", "StandAlone")


def test_a_split_brain_ends_by_the_side_that_gives_up_its_data() -> None:
    one, other = pair()
    cut(one, other)
    other.promote()
    meet(one, other)
    other.demote()
    other.connect(discard=True)
    one.connect(discard=False)
    meet(one, other)
    assert (one.role, one.replication, other.role, other.replication) == (
        "Primary",
        "Established",
        "Secondary",
        "Established",
    )


def test_the_product_reads_what_it_answers() -> None:
    one, _ = pair()
    code, text = answer(one, "10.0.0.1", "10.0.0.2", ["drbdsetup", "status", "r0", "--json"])
    found = read_json(text)
    assert (code, isinstance(found, Drbd)) == (0, True)
    assert isinstance(found, Drbd)
    assert (found.role, found.disk, found.connection, found.replication, found.peer_role) == (
        DrbdRole.PRIMARY,
        DrbdDisk.UP_TO_DATE,
        DrbdConnection.CONNECTED,
        DrbdReplication.ESTABLISHED,
        DrbdRole.SECONDARY,
    )
    assert read_protocol(answer(one, "10.0.0.1", "10.0.0.2", ["drbdsetup", "show", "r0", "--show-defaults"])[1]) == "C"


def test_a_resource_that_is_down_is_told_as_drbd_tells_it() -> None:
    assert answer(Device(), "", "", ["drbdadm", "role", "r0"]) == (10, "No such resource\n")


STEPS = st.lists(
    st.sampled_from(
        ["meet", "cut", "promote 0", "promote 1", "demote 0", "demote 1", "disconnect 0", "connect 1", "connect 0"]
    ),
    max_size=25,
)


@settings(deadline=None)
@given(STEPS)
def test_whatever_happens_two_connected_sides_never_both_write(steps: list[str]) -> None:
    devices = pair()
    for step in steps:
        _do(devices, step)
        connected = all(device.connection == "Connected" for device in devices)
        assert not (connected and all(device.role == "Primary" for device in devices)), json.dumps(steps)


def _do(devices: tuple[Device, Device], step: str) -> None:
    verb, _, number = step.partition(" ")
    device: Any = devices[int(number or 0)]
    try:
        if verb == "meet":
            meet(*devices)
        elif verb == "cut":
            cut(*devices)
        elif verb == "connect":
            device.connect(discard=device.role != "Primary")
        else:
            getattr(device, verb)()
    except Refused:
        return
