"""Where HEP agents are heard and who has sent, as the sniffer's listeners.json shows it; only settings are asked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any

from apresa.config import domain as config
from apresa.node import domain as node
from recordings.options import HEP_BOTH, HEP_LISTEN
from recordings.queries.capture import LARGEST_STATUS, capture, number
from recordings.queries.live import live_session

_MOST_SOURCES = 65


@dataclass(frozen=True, slots=True)
class Source:
    """One agent, since the sniffer began. `covered`: whether it sends to both nodes; None on a machine alone."""

    host: str
    frames: int
    bad: int
    last: datetime | None
    covered: bool | None


@dataclass(frozen=True, slots=True)
class Listener:
    """One address of the setting; `refused`: datagrams and connections of senders that are not allowed."""

    address: str
    open: bool = False
    refused: int = 0
    dropped: int = 0
    sources: tuple[Source, ...] = ()


def listeners() -> list[Listener]:
    """Each address that is set, in that order."""
    found = _told(live_session() / "listeners.json") if capture().running else {}
    both = [ip_network(one) for one in config.get(HEP_BOTH.name)] if node.is_in_cluster() else None
    return [
        _listener(address, found[address], both) if address in found else Listener(address)
        for address in config.get(HEP_LISTEN.name)
    ]


def _told(path: Path) -> dict[str, dict[str, Any]]:
    try:
        with path.open("rb") as file:
            facts = json.loads(file.read(LARGEST_STATUS))
        return {str(one["address"]): one for one in facts["listeners"]}
    except (OSError, ValueError, RecursionError, TypeError, KeyError):
        return {}


def _listener(address: str, facts: dict[str, Any], both: Sequence[IPv4Network | IPv6Network] | None) -> Listener:
    sources = facts.get("sources")
    shown = [_source(one, both) for one in (sources if isinstance(sources, list) else []) if isinstance(one, dict)]
    return Listener(
        address, True, number(facts.get("refused")), number(facts.get("dropped")), tuple(shown[:_MOST_SOURCES])
    )


def _source(facts: dict[str, Any], both: Sequence[IPv4Network | IPv6Network] | None) -> Source:
    host, last_ns = str(facts.get("host", ""))[:64], number(facts.get("last_ns"))
    last = datetime.fromtimestamp(last_ns / 1e9, UTC) if last_ns else None
    covered = None if both is None else _among(host, both)
    return Source(host, number(facts.get("frames")), number(facts.get("bad")), last, covered)


def _among(host: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)
