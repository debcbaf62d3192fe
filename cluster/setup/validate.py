"""Answers → a plan, or every fault in them. Pure: nothing is asked of the world, nothing is touched."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from itertools import combinations
from typing import cast

from apresa.shared.addresses import mask_bits
from cluster.findings import Finding, finding
from cluster.setup.answers import MODES, ROLES, STAND_IN, Answers, NodeAnswers, Plan, PlannedNode, Role
from cluster.setup.site import HOST, INTERFACE, PATH, Address, Interface, Volume

WITNESS = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)
DRBD = re.compile(r"/dev/drbd[0-9]{1,3}", re.ASCII)
LOCAL_NAMES = frozenset({"localhost", "debian"})
ROOM = 3  # bits: two nodes, the floating address, and those of the network itself
ROOM_OF_LINK = 2
LONGEST_ANSWER = 300
NODES = ("first", "second")


@dataclass(frozen=True, slots=True)
class Fault:
    """`where`: the answer, such as "second.mask"; `finding`: a code of `catalogue.setup.FAULTS`."""

    where: str
    finding: Finding


class _Faults(list[Fault]):
    def say(self, where: str, code: str, **parameters: str) -> None:
        self.append(Fault(where, finding(code, **parameters)))


def check(answers: Answers) -> Plan | tuple[Fault, ...]:
    """The plan, or all faults, those of the first answers first."""
    answers = _trimmed(answers)
    faults = _Faults()
    places = (("first", answers.first), ("second", answers.second))
    if {node.role for _, node in places} != set(ROLES):
        faults.say("first.role", "roles")
    _names(places, faults)
    addresses = [_interface(node.address, node.mask, f"{place}.address", faults) for place, node in places]
    links = _links(places, faults)
    floating = _address(answers.floating, "floating", faults)
    _networks(addresses, floating, faults)
    _once(answers, faults)
    _apart(addresses, links, faults)
    _machine(answers, faults)
    if faults or None in addresses or floating is None:
        return tuple(faults)
    nodes = [
        PlannedNode(cast("Role", node.role), node.name, cast("Interface", address), link)
        for (_, node), address, link in zip(places, addresses, links, strict=True)
    ]
    first, second = sorted(nodes, key=lambda node: ROLES.index(node.role))
    kind = ("none", "bind") if answers.device == STAND_IN else ("ext4", "noatime")
    volume = Volume(answers.device, answers.directory, *kind)
    return Plan((first, second), floating, answers.interface, volume, answers.witness, answers.disk, answers.mode)


Places = tuple[tuple[str, NodeAnswers], ...]


def _trimmed(answers: Answers) -> Answers:
    def short(text: str) -> str:
        return text[:LONGEST_ANSWER].strip()

    def node(one: NodeAnswers) -> NodeAnswers:
        return NodeAnswers(*(short(getattr(one, field.name)) for field in fields(one)))

    rest = {one.name: short(getattr(answers, one.name)) for one in fields(answers) if one.name not in NODES}
    return Answers(node(answers.first), node(answers.second), **rest)


def _names(places: Places, faults: _Faults) -> None:
    for place, node in places:
        if not HOST.fullmatch(node.name):
            faults.say(f"{place}.name", "name", value=node.name)
        elif node.name in LOCAL_NAMES:
            faults.say(f"{place}.name", "name-local", value=node.name)
    if places[0][1].name == places[1][1].name:
        faults.say("second.name", "name-twice", value=places[0][1].name)


def _links(places: Places, faults: _Faults) -> list[Interface | None]:
    given = [bool(node.link) for _, node in places]
    if not any(given):
        return [None, None]
    if not all(given):
        faults.say("first.link" if not given[0] else "second.link", "link-one-sided")
        return [None, None]
    links = [_interface(node.link, node.link_mask, f"{place}.link", faults, ROOM_OF_LINK) for place, node in places]
    _same_network(links, "link", faults)
    return links


def _address(text: str, where: str, faults: _Faults) -> Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        faults.say(where, "address", value=text)
        return None
    strange = (
        found.is_loopback or found.is_multicast or found.is_unspecified or found.is_link_local or found.is_reserved
    )
    if strange or "%" in text:
        faults.say(where, "address-kind", value=text)
        return None
    return found


def _interface(text: str, mask: str, where: str, faults: _Faults, room: int = ROOM) -> Interface | None:
    address = _address(text, where, faults)
    where_mask = where.replace("address", "mask") if room == ROOM else f"{where}_mask"
    bits = mask_bits(mask, 6 if address is not None and address.version == 6 else 4)
    if bits is None:
        faults.say(where_mask, "mask", value=mask)
        return None
    if address is None:
        return None
    if address.max_prefixlen - bits < room:
        faults.say(where_mask, "mask-narrow", value=mask, bits=str(room))
        return None
    found = ipaddress.ip_interface(f"{address}/{bits}")
    if found.ip in {found.network.network_address, found.network.broadcast_address}:
        faults.say(where, "network-address", value=text)
        return None
    return found


def _networks(addresses: list[Interface | None], floating: Address | None, faults: _Faults) -> None:
    _same_network(addresses, "address", faults)
    first = addresses[0]
    if first is None or floating is None:
        return
    if floating.version != first.version:
        faults.say("floating", "families", value=str(floating))
    elif floating not in first.network:
        faults.say("floating", "outside", value=str(floating), other=str(first.ip))
    elif floating in {first.network.network_address, first.network.broadcast_address}:
        faults.say("floating", "network-address", value=str(floating))


def _same_network(pair: list[Interface | None], name: str, faults: _Faults) -> None:
    first, second = pair
    if first is None or second is None:
        return
    if first.version != second.version:
        faults.say(f"second.{name}", "families", value=str(second.ip))
    elif first.network.prefixlen != second.network.prefixlen:
        faults.say("second.mask" if name == "address" else "second.link_mask", "masks-differ")
    elif first.network != second.network:
        faults.say(f"second.{name}", "outside", value=str(second.ip), other=str(first.ip))


def _once(answers: Answers, faults: _Faults) -> None:
    """No address twice, compared as addresses: 2001:db8::1 and 2001:0db8::1 are one."""
    texts = [
        ("first.address", answers.first.address),
        ("second.address", answers.second.address),
        ("first.link", answers.first.link),
        ("second.link", answers.second.link),
        ("floating", answers.floating),
    ]
    known = [(where, found) for where, text in texts if text and (found := _address(text, where, _Faults()))]
    twice = {later[0]: later[1] for earlier, later in combinations(known, 2) if earlier[1] == later[1]}
    for where, address in twice.items():
        faults.say(where, "address-twice", value=str(address))


def _apart(addresses: list[Interface | None], links: list[Interface | None], faults: _Faults) -> None:
    first, link = addresses[0], links[0]
    if first is None or link is None or first.version != link.version:
        return
    if first.network.overlaps(link.network):  # of one version, as asked above
        faults.say("first.link", "link-not-apart")


def _machine(answers: Answers, faults: _Faults) -> None:
    if not INTERFACE.fullmatch(answers.interface) or answers.interface in {".", ".."}:
        faults.say("interface", "interface", value=answers.interface)
    for where, text, example in (
        ("device", answers.device, "/dev/drbd0"),
        ("directory", answers.directory, "/recordings"),
        ("disk", answers.disk, "/dev/sdb1"),
    ):
        if not PATH.fullmatch(text) or ".." in text.split("/"):
            faults.say(where, "path", value=text, example=example)
    if answers.device != STAND_IN and not DRBD.fullmatch(answers.device) and PATH.fullmatch(answers.device):
        faults.say("device", "device", value=answers.device)
    if answers.mode not in MODES:
        faults.say("mode", "mode", value=answers.mode)
    _witness(answers, faults)


def _witness(answers: Answers, faults: _Faults) -> None:
    witness = answers.witness
    if not witness:
        return
    as_address = _try(ipaddress.ip_address, witness)
    if as_address is None and not WITNESS.fullmatch(witness):
        faults.say("witness", "witness", value=witness)
        return
    own = [answers.first.address, answers.second.address, answers.first.link, answers.second.link, answers.floating]
    inside = as_address is not None and as_address in {_try(ipaddress.ip_address, text) for text in own}
    if inside or witness.lower() in {answers.first.name, answers.second.name}:
        faults.say("witness", "witness-inside", value=witness)


def _try(parse: Callable[[str], Address], text: str) -> Address | None:
    try:
        return parse(text)
    except ValueError:
        return None
