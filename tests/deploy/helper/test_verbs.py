"""The fixed list of verbs: what each builds, and that nothing else is ever built."""

from contextlib import suppress
from typing import Any

import pytest
from apresa_helper import fencing, recorder, recovering, setting_up, setting_up_database, verbs, witness
from apresa_helper.corosync import configuration
from apresa_helper.deeds import Run, Write
from apresa_helper.questions import QUESTIONS
from apresa_helper.values import Refused
from hypothesis import given
from hypothesis import strategies as st

from cluster import commands
from tests.deploy.helper.set_up import SET_UP

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)
TWO = [{"name": "myrec1", "addresses": ["192.0.2.11"]}, {"name": "myrec2", "addresses": ["192.0.2.12"]}]
SWITCH = {"node": "myrec2", "agent": "fence_virsh", "address": "192.0.2.7", "user": "root", "plug": "vm2"}
GOOD: dict[str, dict[str, Any]] = {
    "agent-marks": {},
    "ban": {"node": "myrec1", "promotion": True},
    "clear-ban": {"node": "myrec1"},
    "database-again": {"address": "192.0.2.11", "key": "0123abcd"},
    "database-primary": {},
    "database-start": {},
    "database-stop": {},
    "database-swap": {"key": "0123abcd", "ticket": "4567cdef"},
    "first-mark": {},
    "kept-close": {"ticket": "4567cdef"},
    "kept-open": {"ticket": "4567cdef"},
    "kept-read": {"ticket": "4567cdef"},
    "other-database": {"address": "192.0.2.11"},
    "other-history": {"address": "192.0.2.11", "timeline": 4},
    "promotable": {},
    "recordings-discard": {},
    "rejoin": {"system": "7700000000000000001", "timeline": 5, "position": "0/9000028", "fork": "0/90000A0"},
    "ask": {"what": "quorum"},
    "cleanup": {"resource": "postgresql", "node": "myrec1"},
    "corosync-config": {"members": TWO, "token": 1000},
    "corosync-key": {"key": "ab" * 128},
    "drbd": {"action": "connect"},
    "maintenance": {"on": True},
    "pacemaker": {"action": "start"},
    "recorder": {},
    "refresh": {"resource": "drbd_r0", "node": "myrec2"},
    "standby": {"node": "myrec1", "on": False},
    "fence-add": SWITCH,
    "fence-check": SWITCH,
    "fence-forget": {"node": "myrec2"},
    "fence-query": {"node": "myrec2"},
    "fence-remove": {"node": "myrec2"},
    "fence-secret": {"node": "myrec2", "password": "s3cret"},
    "fencing": {"on": True, "delay": 2},
    "quorum-policy": {"policy": "ignore"},
    "witness-add": {"host": "witness.example.org"},
    "witness-reach": {"host": "192.0.2.9"},
    "witness-reload": {},
    "witness-remove": {},
    "witness-service": {"on": True},
    **SET_UP,
}


def argv(verb: str, **values: object) -> str:
    deed = verbs.deed(verb, values)
    assert isinstance(deed, Run)
    return " ".join(deed.argv)


def test_every_verb_has_a_good_example_here() -> None:
    assert set(GOOD) == set(verbs.VERBS)
    for verb, values in GOOD.items():
        verbs.deed(verb, values)


@pytest.mark.parametrize(
    ("verb", "values", "line"),
    [
        ("maintenance", {"on": True}, "/usr/sbin/crm_attribute -t crm_config -n maintenance-mode -v true"),
        ("maintenance", {"on": False}, "/usr/sbin/crm_attribute -t crm_config -n maintenance-mode -v false"),
        ("cleanup", GOOD["cleanup"], "/usr/sbin/crm_resource --cleanup -r postgresql -N myrec1"),
        ("refresh", GOOD["refresh"], "/usr/sbin/crm_resource --refresh -r drbd_r0 -N myrec2"),
        ("standby", GOOD["standby"], "/usr/sbin/crm_attribute -N myrec1 -n standby -v off -l forever"),
        ("pacemaker", {"action": "restart"}, "/bin/systemctl restart pacemaker"),
        ("recorder", {}, "/bin/systemctl restart apresa-record.service"),
        ("drbd", {"action": "secondary"}, "/sbin/drbdadm secondary r0"),
        ("drbd", {"action": "discard-my-data"}, "/sbin/drbdadm -- --discard-my-data connect r0"),
    ],
)
def test_values_become_the_helpers_own_command(verb: str, values: dict[str, object], line: str) -> None:
    assert argv(verb, **values) == line


@pytest.mark.parametrize(
    ("verb", "values", "sentence"),
    [
        ("shell", {}, "There is no such verb; there are: " + ", ".join(sorted(verbs.VERBS)) + "."),
        ("maintenance", [], "The values of a request are an object."),
        ("maintenance", {}, "This verb takes exactly these values: on."),
        ("maintenance", {"on": True, "argv": ["id"]}, "This verb takes exactly these values: on."),
        ("maintenance", {"on": 1}, "on is true or false."),
        ("cleanup", {"resource": "-a", "node": "a"}, "A resource is named by small letters, digits and _."),
        ("cleanup", {"resource": "a", "node": "--all"}, "A node is named by its host name."),
        ("standby", {"node": "a\n", "on": True}, "A node is named by its host name."),
        ("recorder", {"unit": "sshd"}, "This verb takes exactly these values: none."),
        ("pacemaker", {"action": "mask"}, "action is one of: start, stop, restart."),
        ("corosync-key", {"key": "ab"}, "A key of Corosync is 256 hexadecimal digits."),
        ("corosync-config", {"members": TWO[:1], "token": 1000}, "A cluster has two nodes."),
        ("corosync-config", {"members": [TWO[0], TWO[0]], "token": 1000}, "No name and no address may stand twice."),
        ("corosync-config", {"members": TWO, "token": 1}, "token is a whole number from 250 to 60000."),
    ],
)
def test_anything_else_is_refused_with_one_sentence(verb: str, values: object, sentence: str) -> None:
    with pytest.raises(Refused) as caught:
        verbs.deed(verb, values)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("address", ["myrec1", "127.0.0.1", "0.0.0.0", "224.0.0.1", "fe80::1%eth0", "", 1, None])
def test_link_is_named_by_the_address_of_one_machine(address: object) -> None:
    members = [{"name": "myrec1", "addresses": [address]}, TWO[1]]
    with pytest.raises(Refused):
        verbs.deed("corosync-config", {"members": members, "token": 1000})


@pytest.mark.parametrize("said", ["Primary/Secondary\n", "Primary\n", "Unknown/Unknown\n", "", "Secondary\nPrimary\n"])
def test_copy_in_use_is_never_discarded(said: str) -> None:
    deed = verbs.deed("drbd", {"action": "discard-my-data"})
    assert isinstance(deed, Run)
    assert deed.wanted is not None
    assert deed.wanted.fullmatch(said) is None
    assert (deed.guard, deed.wanted.fullmatch("Secondary/Primary\n") is None) == (
        ("/sbin/drbdadm", "role", "r0"),
        False,
    )


def test_configuration_names_both_nodes_and_their_links() -> None:
    text = configuration([("myrec1", ["192.0.2.11", "10.0.0.1"]), ("myrec2", ["192.0.2.12", "10.0.0.2"])], 1000)
    nodes = text[text.index("nodelist {") : text.index("quorum {")].split()
    first = "name: myrec1 nodeid: 1 ring0_addr: 192.0.2.11 ring1_addr: 10.0.0.1"
    second = "name: myrec2 nodeid: 2 ring0_addr: 192.0.2.12 ring1_addr: 10.0.0.2"
    assert " ".join(nodes) == f"nodelist {{ node {{ {first} }} node {{ {second} }} }}"


def test_key_is_for_root_alone() -> None:
    assert verbs.deed("corosync-key", GOOD["corosync-key"]) == Write("/etc/corosync/authkey", b"\xab" * 128, 0o400)


def test_questions_are_those_of_the_cluster_word_for_word() -> None:
    every = [
        *commands.EVERYWHERE,
        *commands.COMPARED,
        commands.DRBD_STATUS,
        commands.DRBD_JSON,
        commands.DRBD_EVENTS,
        commands.DRBD_SHOW,
        commands.WITNESS,
    ]
    theirs = {
        command.name: ((commands.PROGRAMS[command.argv[0]], *command.argv[1:]), command.seconds)
        for command in every
        if command.argv[0] not in {"cat", "ip", "timedatectl"}
    }
    assert theirs == QUESTIONS


@given(verb=st.sampled_from(sorted(verbs.VERBS)) | st.text(max_size=12), values=JSON)
def test_whatever_is_asked_there_is_a_deed_or_one_refusal(verb: str, values: object) -> None:
    with suppress(Refused):
        verbs.deed(verb, values)


@given(verb=st.sampled_from(sorted(GOOD)), name=st.text(max_size=8), value=JSON, data=st.data())
def test_spoilt_value_never_becomes_an_option_or_a_second_word(
    verb: str, name: str, value: object, data: st.DataObject
) -> None:
    spoilt = {**GOOD[verb], data.draw(st.sampled_from([*sorted(GOOD[verb]), name])): value}
    try:
        deed = verbs.deed(verb, spoilt)
    except Refused:
        return
    if isinstance(deed, Run) and verb not in {"ask", "set-up-look", "database-server"}:  # a word chooses the program
        good = verbs.deed(verb, GOOD[verb])
        assert isinstance(good, Run)
        assert [word for word in deed.argv if word.startswith("-")] == [w for w in good.argv if w.startswith("-")]


def test_no_verb_is_named_twice() -> None:
    rooms = (fencing, recorder, recovering, setting_up, setting_up_database, witness)
    names = [name for room in rooms for name in room.VERBS]
    assert sorted(names) == sorted(set(names))
    assert set(names) < set(verbs.VERBS)
