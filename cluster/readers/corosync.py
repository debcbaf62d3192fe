"""corosync.conf and what Corosync's tools say → Configuration, Quorum, Witness, RingLink."""

import re
from collections.abc import Iterator

from cluster.readers.reply import ReplyError, need, number, pairs
from cluster.types import Configuration, Quorum, RingLink, RingNode, Witness

DEEPEST = 8
Section = tuple[str, dict[str, str]]
MEMBER = re.compile(r"\s*([0-9]+)\s+([0-9]+)\s+(?:([A-Z,]+)\s+)?(\S+)(?: \((?:local|votes [0-9]+)\))?\s*", re.ASCII)


def read_configuration(text: str) -> Configuration:
    """The nodes and whether a witness takes part. Raises ReplyError."""
    nodes, witness, host = [], False, ""
    for path, values in _sections(text):
        if path == "nodelist.node":
            nodes.append(_ring_node(values))
        elif path == "quorum.device":
            witness = True
        elif path == "quorum.device.net":
            host = values.get("host", "")
    if len({node.name for node in nodes}) != len(nodes):
        raise ReplyError("corosync.conf names two nodes alike.")
    if len(nodes) > 2:
        raise ReplyError(f"corosync.conf has {len(nodes)} nodes; a cluster of this product has two.")
    return Configuration(tuple(nodes), witness, host)


def _sections(text: str) -> Iterator[Section]:
    """Each section at its end: its path ("nodelist.node") and its own values."""
    open_: list[Section] = []
    for line in text.splitlines():
        stripped = line.strip()
        key, colon, value = stripped.partition(":")
        if not stripped or stripped.startswith("#"):
            continue
        if stripped.endswith("{") and len(open_) < DEEPEST:
            outer = f"{open_[-1][0]}." if open_ else ""
            open_.append((outer + stripped[:-1].strip(), {}))
        elif stripped == "}" and open_:
            yield open_.pop()
        elif colon and open_:
            open_[-1][1][key.strip()] = value.strip()
        else:
            raise ReplyError(f"corosync.conf has a line that nobody understands: {stripped[:60]!r}.")
    if open_:
        raise ReplyError(f"corosync.conf ends inside the section {open_[-1][0][:60]}.")


def _ring_node(values: dict[str, str]) -> RingNode:
    addresses = tuple(values[key] for key in (f"ring{number}_addr" for number in range(8)) if key in values)
    if not addresses:
        raise ReplyError("corosync.conf has a node without an address.")
    name = values.get("name") or addresses[0]
    return RingNode(name, number(need(values, "nodeid", "corosync.conf"), "a node"), addresses)


def read_quorum(text: str) -> Quorum:
    """Raises ReplyError."""
    found = pairs(text, ":")
    quorate = need(found, "Quorate", "corosync-quorumtool")
    if quorate not in {"Yes", "No"}:
        raise ReplyError(f'corosync-quorumtool answers "Quorate" with {quorate[:40]!r}.')
    members, witness = _members(text)
    return Quorum(
        quorate=quorate == "Yes",
        expected_votes=number(need(found, "Expected votes", "corosync-quorumtool"), "votes"),
        total_votes=number(need(found, "Total votes", "corosync-quorumtool"), "votes"),
        members=members,
        witness_votes=witness,
    )


def _members(text: str) -> tuple[tuple[str, ...], int | None]:
    head, mark, table = text.partition("Membership information")
    if not mark:
        raise ReplyError("The reply of corosync-quorumtool has no list of members.")
    members: list[str] = []
    witness: int | None = None
    for line in table.splitlines():
        match = MEMBER.fullmatch(line)
        if not match:
            continue
        if match[1] == "0" and match[4] == "Qdevice":
            witness = number(match[2], "votes")
        else:
            members.append(match[4])
    if witness is None and "Qdevice" in pairs(head, ":").get("Flags", "").split():
        witness = 0
    return tuple(members), witness


def read_witness(text: str) -> Witness:
    """`corosync-qdevice-tool -s`. Raises ReplyError."""
    found = pairs(text, ":")
    host = need(found, "QNetd host", "corosync-qdevice-tool").rpartition(":")[0]
    return Witness(host, need(found, "State", "corosync-qdevice-tool"))


def read_links(text: str) -> tuple[RingLink, ...]:
    """The links to other nodes. Raises ReplyError."""
    if "Local node ID" not in text:
        raise ReplyError("The reply of corosync-cfgtool does not name this node.")
    links: list[RingLink] = []
    link, address = -1, ""
    for line in text.splitlines():
        if match := re.fullmatch(r"LINK ID ([0-9]{1,2}) \S+", line.strip(), re.ASCII):
            link, address = int(match[1]), ""
        elif match := re.fullmatch(r"addr\s*= (\S+)", line.strip()):
            address = match[1]
        elif match := re.fullmatch(r"nodeid:\s*([0-9]{1,10}):\s*(\w+)", line.strip(), re.ASCII):
            state = match[2]
            if link < 0 or state not in {"localhost", "connected", "disconnected"}:
                raise ReplyError(f"corosync-cfgtool gives a link the state {state[:40]!r}.")
            if state != "localhost":
                links.append(RingLink(link, address, int(match[1]), state == "connected"))
    return tuple(links)
