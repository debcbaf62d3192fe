"""The values that a request may carry: each is checked here before anything is built from it."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

NODE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
RESOURCE = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
KEY = re.compile(r"[0-9a-f]{256}", re.ASCII)
MOST_LINKS = 8  # knet's links 0 to 7


class Refused(ValueError):
    """A request that the helper does not do; the text is one sentence for the one who asked."""


def only(values: Mapping[str, Any], *names: str) -> None:
    """Exactly these names, neither more nor fewer."""
    if set(values) != set(names):
        raise Refused(f"This verb takes exactly these values: {', '.join(names) or 'none'}.")


def switch(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise Refused(f"{name} is true or false.")
    return value


def one_of(value: object, name: str, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise Refused(f"{name} is one of: {', '.join(choices)}.")
    return value


def node(value: object) -> str:
    return matching(NODE, value, "a node is named by its host name")


def resource(value: object) -> str:
    return matching(RESOURCE, value, "a resource is named by small letters, digits and _")


def key(value: object) -> bytes:
    """Corosync's key, 128 bytes as 256 hexadecimal digits. The value never reaches a log."""
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise Refused("A key of Corosync is 256 hexadecimal digits.")
    return bytes.fromhex(value)


def number(value: object, name: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Refused(f"{name} is a whole number from {least} to {most}.")
    return value


def members(value: object) -> list[tuple[str, list[str]]]:
    """Two nodes: name, and an address for each link; no name and no address twice."""
    if not isinstance(value, list) or len(value) != 2:
        raise Refused("A cluster has two nodes.")
    found = [_member(item) for item in value]
    addresses = [address for _, links in found for address in links]
    if found[0][0] == found[1][0] or len(set(addresses)) != len(addresses):
        raise Refused("No name and no address may stand twice.")
    if len(found[0][1]) != len(found[1][1]):
        raise Refused("Both nodes have the same number of links.")
    return found


def _member(value: object) -> tuple[str, list[str]]:
    if not isinstance(value, dict) or set(value) != {"name", "addresses"}:
        raise Refused("A node has a name and addresses.")
    links = value["addresses"]
    if not isinstance(links, list) or not 1 <= len(links) <= MOST_LINKS:
        raise Refused(f"A node has one to {MOST_LINKS} addresses.")
    return node(value["name"]), [address(link) for link in links]


def address(value: object) -> str:
    """The IP address of one machine."""
    try:
        found = ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        raise Refused("A link is named by its IP address.") from None
    if found.is_loopback or found.is_unspecified or found.is_multicast or getattr(found, "scope_id", None):
        raise Refused("A link's address is that of one machine.")
    return str(found)


def matching(pattern: re.Pattern[str], value: object, rule: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Refused(f"{rule[0].upper()}{rule[1:]}.")
    return value
