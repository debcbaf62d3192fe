"""DRBD's four sources → Drbd: /proc/drbd (8.4), `drbdsetup status` as text and as JSON (9), `drbdsetup events2 --now`.

The last three have the same words under the same names; they become sections of key and value and share one assembly.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.readers.reply import ReplyError, number
from cluster.types import NotRunning

T = TypeVar("T")
Words = Mapping[str, str]
NOT_UP = NotRunning("DRBD has no such resource in use (drbdadm up has not been run).")
SECTIONS = ("resource", "device", "connection", "peer-device")
STATUS_BEGINS = {"volume", "disk", "replication", "peer-disk"}
# The names of the JSON reply, where they differ from the text's.
JSON_NAMES = {
    "disk-state": "disk",
    "connection-state": "connection",
    "peer-role": "role",
    "replication-state": "replication",
    "peer-disk-state": "peer-disk",
    "estimated-seconds-to-finish": "seconds-left",
}


def read_status(text: str) -> Drbd | NotRunning:
    """`drbdsetup status` or `drbdadm status` of one resource, with or without --verbose. Raises ReplyError.

    Without --verbose the tool leaves out what is normal: a known role of the peer means connected, a disk of the peer
    means that replication is established. While a connection ends, it shows the role Unknown, and no more.
    """
    sections: dict[str, dict[str, str]] = {}
    name = ""
    for line in text.splitlines():
        if not line.strip():
            continue
        begun = _section(line)
        words = _words(line.split())
        if begun:
            name = begun
            _add(sections, name, words)
        elif name:  # a long line goes on, further in
            sections[name] = words | sections[name]
    connection, peer_device = sections.get("connection"), sections.get("peer-device")
    if connection and connection.get("role") in {DrbdRole.PRIMARY, DrbdRole.SECONDARY}:
        connection.setdefault("connection", "Connected")
    if peer_device and "peer-disk" in peer_device:
        peer_device.setdefault("replication", "Established")
    return _assemble(sections) if sections else NOT_UP


def _section(line: str) -> str | None:
    """The section that a line of the status begins, by its indentation and first word; None where it goes on."""
    indent = len(line) - len(line.lstrip(" "))
    key, colon, _ = line.split(maxsplit=1)[0].partition(":")
    if not colon:
        return {0: "resource", 2: "connection"}.get(indent)
    return {2: "device", 4: "peer-device"}.get(indent) if key in STATUS_BEGINS else None


def read_events(text: str) -> Drbd | NotRunning:
    """`drbdsetup events2 --now`, best with --statistics. Raises ReplyError."""
    sections: dict[str, dict[str, str]] = {}
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if not lines or lines[-1] != ["exists", "-"]:
        raise ReplyError("The events of DRBD break off.")
    for line in lines[:-1]:
        if len(line) < 2 or line[0] != "exists":
            raise ReplyError(f"DRBD tells an event that nobody understands: {' '.join(line)[:60]!r}.")
        if line[1] in SECTIONS:
            _add(sections, line[1], _words(line[2:]))
    return _assemble(sections) if sections else NOT_UP


def read_json(text: str) -> Drbd | NotRunning:
    """`drbdsetup status --json` of DRBD 9. Raises ReplyError."""
    try:
        resources = json.loads(text)
        if resources == []:
            return NOT_UP
        (resource,) = resources
        (device,) = resource["devices"]
        sections = {"resource": _flat(resource), "device": _flat(device)}
        for connection in resource["connections"]:
            _add(sections, "connection", _flat(connection))
            for peer_device in connection["peer_devices"]:
                _add(sections, "peer-device", _flat(peer_device))
    except ReplyError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ReplyError("The reply of drbdsetup is not the status of one resource with one device.") from None
    return _assemble(sections)


def read_protocol(text: str) -> str:
    """The protocol that `drbdsetup show --show-defaults` tells. Raises ReplyError."""
    found = set(re.findall(r"^\s*protocol\s+([ABC]);", text, re.MULTILINE))
    if len(found) != 1:
        raise ReplyError("The reply of drbdsetup does not tell one protocol.")
    return str(found.pop())


def with_protocol(drbd: Drbd, protocol: str | None) -> Drbd:
    return replace(drbd, protocol=protocol)


def _flat(entry: object) -> dict[str, str]:
    if not isinstance(entry, dict):
        raise ReplyError("The reply of drbdsetup is not the status of a resource.")
    plain = {key: value for key, value in entry.items() if isinstance(value, str | int | float)}
    words = {True: "yes", False: "no"}
    return {
        JSON_NAMES.get(key, key): words[value] if isinstance(value, bool) else str(value)
        for key, value in plain.items()
    }


def _words(tokens: list[str]) -> dict[str, str]:
    return {key: value for key, colon, value in (token.partition(":") for token in tokens) if colon}


def _add(sections: dict[str, dict[str, str]], name: str, words: dict[str, str]) -> None:
    if name in sections:
        raise ReplyError(f"DRBD names two of {name}; the resource of this product has one device and one peer.")
    sections[name] = words


def _assemble(sections: Mapping[str, Words]) -> Drbd:
    resource, device, connection, peer = (sections.get(name, {}) for name in SECTIONS)
    if "role" not in resource or "disk" not in device:
        raise ReplyError("The reply of DRBD has no role or no disk.")
    return Drbd(
        role=DrbdRole.of(resource["role"]),
        disk=DrbdDisk.of(device["disk"]),
        # drbdadm shows no peer at all in StandAlone
        connection=DrbdConnection.of(connection.get("connection", "unknown" if connection else "StandAlone")),
        replication=DrbdReplication.of(peer.get("replication", "Off")),
        peer_role=DrbdRole.of(connection.get("role", "Unknown")),
        peer_disk=DrbdDisk.of(peer.get("peer-disk", "DUnknown")),
        suspended=None if "suspended" not in resource else resource["suspended"] != "no",
        protocol=None,
        out_of_sync=_optional(peer, "out-of-sync", lambda text: number(text, "kibibytes")),
        percent=_optional(peer, "done", _percent),
        seconds_left=_optional(peer, "seconds-left", lambda text: number(text, "seconds")),
    )


def _optional(words: Words, key: str, read: Callable[[str], T]) -> T | None:
    return read(words[key]) if key in words else None


def _percent(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", text, re.ASCII):
        raise ReplyError(f"{text[:40]!r} is no percentage.")
    return min(100.0, float(text))
