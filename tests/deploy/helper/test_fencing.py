"""A power switch: what its agent is told, where its password lies, and when it may count."""

from typing import Any

import pytest
from apresa_helper import fencing, verbs
from apresa_helper.deeds import Chain, Run, Write
from apresa_helper.values import Refused

from cluster.fencing import AGENTS
from tests.samples.cluster.shared import samples

SWITCH = {"node": "myrec2", "agent": "fence_ipmilan", "address": "192.0.2.7", "user": "apresa", "plug": ""}
STARTED = '<resource id="{}" resource_agent="stonith:fence_ipmilan" role="{}" active="true">'


def chain(verb: str, **values: Any) -> tuple[Any, ...]:
    deed = verbs.deed(verb, values)
    assert isinstance(deed, Chain)
    return deed.deeds


def test_the_password_lies_in_a_file_of_roots_and_nowhere_else() -> None:
    kept, script = chain("fence-secret", node="myrec2", password='p"$a`ss')
    assert kept == Write("/etc/apresa/fence-myrec2.password", b'p"$a`ss\n', 0o600)
    assert script == Write(
        "/etc/apresa/fence-myrec2", b"#!/bin/sh\nexec /bin/cat /etc/apresa/fence-myrec2.password\n", 0o700
    )
    assert "password" in verbs.SECRET


@pytest.mark.parametrize("password", ["", "a b", "a\n", "ä", "x" * 129, None, 7])
def test_what_is_no_password_is_refused_and_not_repeated(password: object) -> None:
    with pytest.raises(Refused, match=r"^A password is 1 to 128 letters, digits and signs, without spaces\.$"):
        verbs.deed("fence-secret", {"node": "myrec2", "password": password})


def test_the_agent_is_asked_by_its_standard_input() -> None:
    deed = verbs.deed("fence-check", SWITCH)
    assert isinstance(deed, Run)
    assert (deed.argv, deed.changes) == (("/usr/sbin/fence_ipmilan",), False)
    assert deed.stdin == (
        b"ip=192.0.2.7\nusername=apresa\npassword_script=/etc/apresa/fence-myrec2\nlanplus=1\naction=status\n"
    )


def test_a_device_never_runs_on_the_node_that_it_fences() -> None:
    written, load = chain("fence-add", **SWITCH)
    assert written.content.decode().splitlines() == [
        'primitive fence_myrec2 stonith:fence_ipmilan params ip="192.0.2.7" username="apresa" '
        'password_script="/etc/apresa/fence-myrec2" lanplus="1" pcmk_host_list="myrec2" '
        "op monitor interval=60s timeout=60s",
        "location not_itself_myrec2 fence_myrec2 -inf: myrec2",
    ]
    assert load.argv[-4:] == ("configure", "load", "update", "/etc/apresa/fence-myrec2.crm")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"agent": "fence_sbd"}, "agent is one of: fence_ipmilan, fence_virsh, fence_vmware_rest."),
        ({"plug": "vm2"}, "fence_ipmilan needs no plug."),
        ({"agent": "fence_virsh"}, "fence_virsh needs the name of the other machine there."),
        ({"address": 'a"'}, "A power switch is named by its host name or address."),
        ({"user": "a b"}, "A user is named by letters, digits, dots and hyphens."),
        ({"node": "../x"}, "A node is named by its host name."),
    ],
)
def test_a_value_that_could_break_a_file_is_refused(changes: dict[str, str], sentence: str) -> None:
    for verb in ("fence-add", "fence-check"):
        with pytest.raises(Refused) as caught:
            verbs.deed(verb, {**SWITCH, **changes})
        assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("devices", "good"),
    [
        ([("fence_myrec1", "Started"), ("fence_myrec2", "Started")], True),
        ([("fence_myrec1", "Started"), ("fence_myrec2", "Stopped")], False),
        ([("fence_myrec2", "Started")], False),
        ([], False),
    ],
)
def test_fencing_counts_only_with_both_switches(devices: list[tuple[str, str]], good: bool) -> None:
    delay, enable = chain("fencing", on=True, delay=2)
    assert delay.argv[-2:] == ("-v", "2s")
    assert enable.guard == ("/usr/sbin/crm_mon", "-1", "--output-as=xml")
    text = "\n".join(STARTED.format(*one) for one in devices)
    assert (enable.wanted.fullmatch(text) is not None) is good


def test_the_words_of_a_started_device_are_crm_mons() -> None:
    text = (samples() / "ns/healthy_fencing/myrec1/crm_mon.xml").read_text(encoding="utf-8")
    assert fencing.BOTH_STARTED.fullmatch(text.replace('id="fence"', 'id="fence_a"')) is not None
    assert fencing.BOTH_STARTED.fullmatch(text) is None


def test_a_switch_goes_without_a_change_of_fencing_itself() -> None:
    lines = [" ".join(one.argv[-3:]) for one in chain("fence-remove", node="myrec2")]
    assert lines == ["resource stop fence_myrec2", "configure delete fence_myrec2"]
    off = ("/usr/sbin/crm_attribute", "-t", "crm_config", "-n", "stonith-enabled", "-v", "false")
    assert verbs.deed("fencing", {"on": False, "delay": 0}) == Run(off, 60.0)


def test_all_files_of_a_switch_are_forgotten() -> None:
    files = ("/etc/apresa/fence-myrec2", "/etc/apresa/fence-myrec2.password", "/etc/apresa/fence-myrec2.crm")
    assert verbs.deed("fence-forget", {"node": "myrec2"}) == Run(("/bin/rm", "-f", *files), 10.0)


def test_the_device_is_asked_as_pacemaker_would_and_nothing_is_switched() -> None:
    deed = verbs.deed("fence-query", {"node": "myrec2"})
    assert isinstance(deed, Run)
    assert (" ".join(deed.argv), deed.changes) == ("/usr/sbin/stonith_admin --query fence_myrec2 --timeout 60", False)
    for verb in ("fence-query", "fence-forget", "fence-remove"):
        with pytest.raises(Refused, match="A node is named by its host name"):
            verbs.deed(verb, {"node": "../x"})


def test_both_sides_know_the_same_agents() -> None:
    assert {agent: "plug" in more for agent, more in fencing.AGENTS.items()} == dict(AGENTS)
