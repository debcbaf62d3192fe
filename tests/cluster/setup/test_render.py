"""A site → the engines' files; and values that no file may hold."""

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.readers.corosync import read_configuration
from cluster.setup import render
from cluster.setup.site import Member, Site, SiteError, Volume

FIRST = Member("myrec1", (ipaddress.ip_address("192.168.2.11"), ipaddress.ip_address("10.0.0.1")))
SECOND = Member("myrec2", (ipaddress.ip_address("192.168.2.12"), ipaddress.ip_address("10.0.0.2")))
FLOATING = ipaddress.ip_interface("192.168.2.10/23")
VOLUME = Volume("/dev/drbd0", "/var/lib/apresa/library")
SITE = Site((FIRST, SECOND), FLOATING, "eth0", VOLUME)


def test_corosync_conf_is_read_back_as_the_same_two_nodes() -> None:
    found = read_configuration(render.corosync(SITE))
    assert [(node.name, tuple(node.addresses)) for node in found.nodes] == [
        ("myrec1", ("192.168.2.11", "10.0.0.1")),
        ("myrec2", ("192.168.2.12", "10.0.0.2")),
    ]
    assert not found.witness


def test_corosync_conf_lets_one_node_start_alone() -> None:
    text = render.corosync(SITE)
    assert re.findall(r"^ +(two_node|wait_for_all): (\d)$", text, re.MULTILINE) == [
        ("two_node", "1"),
        ("wait_for_all", "0"),
    ]


def test_crm_names_both_nodes_the_floating_address_and_the_volume() -> None:
    text = render.crm(SITE)
    assert 'node_list="myrec1 myrec2" master_ip=192.168.2.10' in text
    assert "params ip=192.168.2.10 cidr_netmask=23 nic=eth0" in text
    assert 'params device="/dev/drbd0" directory="/var/lib/apresa/library" fstype=ext4 options=noatime' in text


def test_crm_has_all_properties_in_one_line() -> None:
    """crmsh takes no second one."""
    assert len(re.findall(r"^property ", render.crm(SITE), re.MULTILINE)) == 1


def test_pg_hba_lets_only_the_nodes_replicate_and_only_by_tls() -> None:
    lines = [line.split() for line in render.pg_hba(SITE).splitlines() if line and not line.startswith("#")]
    assert lines[0] == ["local", "all", "all", "peer"]
    assert lines[1:] == [
        ["hostssl", "replication", "replicator", f"{address}/32", "scram-sha-256"]
        for address in ("192.168.2.11", "10.0.0.1", "192.168.2.12", "10.0.0.2")
    ]


def test_ipv6_is_a_host_of_128_bits() -> None:
    members = (Member("a", (ipaddress.ip_address("fd00::1"),)), Member("b", (ipaddress.ip_address("fd00::2"),)))
    text = render.pg_hba(Site(members, ipaddress.ip_interface("fd00::10/64"), "eth0", VOLUME))
    assert re.findall(r"fd00::\d/\d+", text) == ["fd00::1/128", "fd00::2/128"]


@given(st.text(max_size=80))
def test_a_name_that_could_break_a_file_is_refused(text: str) -> None:
    try:
        member = Member(text, FIRST.addresses)
    except SiteError:
        return
    assert re.fullmatch(r"[a-z0-9-]{1,63}", member.name)


@given(st.text(max_size=80))
def test_a_path_that_could_break_a_file_is_refused(text: str) -> None:
    try:
        volume = Volume(text, "/recordings")
    except SiteError:
        return
    assert re.fullmatch(r"/[A-Za-z0-9._/-]+", volume.device)


def test_an_address_with_a_zone_could_break_a_file_and_is_refused() -> None:
    bad = ipaddress.ip_address("fe80::1%eth0\n}")
    with pytest.raises(SiteError):
        Member("myrec1", (bad,))


@pytest.mark.parametrize(
    ("members", "floating", "said"),
    [
        ((FIRST, Member("myrec1", SECOND.addresses)), FLOATING, "Both nodes are called myrec1."),
        ((FIRST, Member("myrec2", SECOND.addresses[:1])), FLOATING, "The nodes have not the same number of links."),
        (
            (FIRST, SECOND),
            ipaddress.ip_interface("192.168.2.11/24"),
            "An address stands twice among the nodes' and the floating one.",
        ),
    ],
)
def test_a_site_that_does_not_fit_together_is_one_sentence(
    members: tuple[Member, Member], floating: ipaddress.IPv4Interface, said: str
) -> None:
    with pytest.raises(SiteError) as refused:
        Site(members, floating, "eth0", VOLUME)
    assert str(refused.value) == said


@pytest.mark.parametrize("token", [0, 249, 60001])
def test_a_token_out_of_range_is_refused(token: int) -> None:
    with pytest.raises(SiteError, match=f"A token of {token} ms"):
        Site((FIRST, SECOND), FLOATING, "eth0", VOLUME, token=token)
