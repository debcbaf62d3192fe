"""The answers of the set-up screen: each fault one sentence, and what has none makes a site."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.catalogue.setup import FAULTS
from cluster.findings import fill
from cluster.setup import render
from cluster.setup.answers import Answers, NodeAnswers, Plan
from cluster.setup.validate import check

FIRST = NodeAnswers("primary", "myrec1", "192.168.2.11", "255.255.255.0")
SECOND = NodeAnswers("secondary", "myrec2", "192.168.2.12", "255.255.255.0")
GOOD = Answers(FIRST, SECOND, "192.168.2.10", "eth0", "/dev/drbd0", "/recordings", disk="/dev/sdb1")
LINKS = {"first.link": "10.0.0.1", "first.link_mask": "30", "second.link": "10.0.0.2", "second.link_mask": "30"}
WIDE_LINKS = {**LINKS, "first.link_mask": "24", "second.link_mask": "24"}


def changed(changes: dict[str, str], base: Answers = GOOD) -> Answers:
    for where, text in changes.items():
        place, _, name = where.partition(".")
        new: Any = replace(getattr(base, place), **{name: text}) if name else text
        base = replace(base, **{place: new})
    return base


def said(answers: Answers) -> list[tuple[str, str]]:
    found = check(answers)
    assert isinstance(found, tuple)
    return [(one.where, fill(FAULTS[one.finding.code], one.finding.parameters)) for one in found]


def codes(changes: dict[str, str]) -> list[tuple[str, str]]:
    found = check(changed(changes))
    return [] if isinstance(found, Plan) else [(one.where, one.finding.code) for one in found]


def test_the_manuals_example_is_a_plan() -> None:
    plan = check(GOOD)
    assert isinstance(plan, Plan)
    assert [(node.role, node.name, str(node.address)) for node in plan.nodes] == [
        ("primary", "myrec1", "192.168.2.11/24"),
        ("secondary", "myrec2", "192.168.2.12/24"),
    ]
    assert str(plan.site().floating) == "192.168.2.10/24"


def test_plan_begins_with_the_primary() -> None:
    plan = check(changed({"first.role": "secondary", "second.role": "primary"}))
    assert isinstance(plan, Plan)
    assert [node.name for node in plan.nodes] == ["myrec2", "myrec1"]


def test_second_link_becomes_a_second_ring() -> None:
    plan = check(changed(WIDE_LINKS))
    assert isinstance(plan, Plan)
    assert [str(one) for one in plan.site().members[1].addresses] == ["192.168.2.12", "10.0.0.2"]
    assert "ring1_addr: 10.0.0.1" in render.corosync(plan.site())


@pytest.mark.parametrize(
    "mask", ["255.255.255.0", "24", "/24", " 24 ", "255.255.0.0", "16", "255.255.255.240", "29", "8"]
)
def test_any_mask_will_do(mask: str) -> None:
    assert codes({"first.mask": mask, "second.mask": mask}) == []


def test_version_6_will_do() -> None:
    six = {"first.address": "2001:db8::11", "second.address": "2001:db8::12", "floating": "2001:db8::10"}
    assert codes({**six, "first.mask": "64", "second.mask": "/64"}) == []


@pytest.mark.parametrize(
    "mask", ["", "0", "33", "255.0.255.0", "0.0.0.255", "255.255.255", "-1", "ten", "٢٤", "0.0.0.0"]
)
def test_what_is_no_mask_is_told(mask: str) -> None:
    assert codes({"first.mask": mask}) == [("first.mask", "mask")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"second.role": "primary"}, [("first.role", "roles")]),
        ({"first.role": ""}, [("first.role", "roles")]),
        ({"first.name": "My_Rec"}, [("first.name", "name")]),
        ({"first.name": "localhost"}, [("first.name", "name-local")]),
        ({"second.name": "myrec1"}, [("second.name", "name-twice")]),
        ({"first.address": "192.168.2"}, [("first.address", "address")]),
        ({"first.address": "myrec1"}, [("first.address", "address")]),
        ({"first.address": "127.0.0.1"}, [("first.address", "address-kind")]),
        ({"first.address": "224.0.0.5"}, [("first.address", "address-kind")]),
        ({"first.address": "fe80::1%eth0"}, [("first.address", "address-kind")]),
        ({"second.address": "192.168.2.11"}, [("second.address", "address-twice")]),
        ({"floating": "192.168.2.12"}, [("floating", "address-twice")]),
        ({"floating": "2001:db8::1"}, [("floating", "families")]),
        ({"floating": "192.168.3.10"}, [("floating", "outside")]),
        ({"floating": "192.168.2.255"}, [("floating", "network-address")]),
        ({"first.address": "192.168.2.0"}, [("first.address", "network-address")]),
        ({"second.address": "192.168.3.12"}, [("second.address", "outside")]),
        ({"second.mask": "25"}, [("second.mask", "masks-differ")]),
        ({"first.mask": "30"}, [("first.mask", "mask-narrow")]),
        ({"first.link": "10.0.0.1"}, [("second.link", "link-one-sided")]),
        (LINKS, []),
        ({**LINKS, "first.link_mask": "31"}, [("first.link_mask", "mask-narrow")]),
        ({**LINKS, "first.link_mask": ""}, [("first.link_mask", "mask")]),
        ({**WIDE_LINKS, "second.link": "10.1.0.2"}, [("second.link", "outside")]),
        (
            {**WIDE_LINKS, "first.link": "192.168.2.21", "second.link": "192.168.2.22"},
            [("first.link", "link-not-apart")],
        ),
        ({"interface": "eth0 up"}, [("interface", "interface")]),
        ({"device": "drbd0"}, [("device", "path")]),
        ({"device": "/dev/sdb1"}, [("device", "device")]),
        ({"disk": "sdb1"}, [("disk", "path")]),
        ({"mode": "sync"}, []),
        ({"mode": "quorum"}, [("mode", "mode")]),
        ({"directory": "/recordings/../etc"}, [("directory", "path")]),
        ({"witness": "not a host"}, [("witness", "witness")]),
        ({"witness": "MYREC1"}, [("witness", "witness-inside")]),
        ({"witness": "192.168.2.12"}, [("witness", "witness-inside")]),
        ({"witness": "qnet.example.org"}, []),
        ({"witness": "192.168.2.9"}, []),
    ],
)
def test_each_fault_is_told_at_its_place(changes: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert codes(changes) == expected


def test_all_faults_come_at_once() -> None:
    nothing = NodeAnswers("", "", "", "")
    assert [where for where, _ in said(Answers(nothing, nothing, "", "", "", ""))] == [
        "first.role",
        "first.name",
        "second.name",
        "second.name",
        "first.address",
        "first.mask",
        "second.address",
        "second.mask",
        "floating",
        "interface",
        "device",
        "directory",
        "disk",
    ]


def test_every_fault_is_one_sentence_for_its_reader() -> None:
    assert said(changed({"first.mask": "255.0.255.0"})) == [
        (
            "first.mask",
            '"255.0.255.0" is no IP mask; write one such as 255.255.255.0, or the number of its bits, such as 24.',
        )
    ]
    assert [text for text in FAULTS.values() if not text.endswith((".", "{detail}"))] == []


TYPED = st.sampled_from(
    [
        "192.168.2.11",
        "192.168.2.12",
        "10.0.0.1",
        "2001:db8::1",
        "24",
        "255.255.255.0",
        "64",
        "myrec1",
        "eth0",
        "/dev/r",
        "",
    ]
) | st.text(max_size=12)
NODES = st.builds(NodeAnswers, st.sampled_from(["primary", "secondary", ""]), TYPED, TYPED, TYPED, TYPED, TYPED)


@given(st.builds(Answers, NODES, NODES, TYPED, TYPED, TYPED, TYPED, TYPED))
def test_whatever_is_typed_is_told_or_makes_a_site(answers: Answers) -> None:
    _judged(answers)


@given(
    where=st.sampled_from(["first.address", "first.mask", "second.link", "floating", "device", "witness"]), text=TYPED
)
def test_one_spoilt_answer_is_told_or_makes_a_site(where: str, text: str) -> None:
    _judged(changed({where: text}, changed(WIDE_LINKS)))


def _judged(answers: Answers) -> None:
    found = check(answers)
    if isinstance(found, Plan):
        site = found.site()
        assert (render.corosync(site).count("ring0_addr"), found.nodes[0].role) == (2, "primary")
    else:
        assert all(fill(FAULTS[one.finding.code], one.finding.parameters) for one in found)
        assert found != ()
