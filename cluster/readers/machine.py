"""`ip -json address show` and `timedatectl show` → Interface, Clock."""

import json
from typing import Any

from cluster.readers.reply import ReplyError, need, pairs
from cluster.types import Clock, Interface


def read_interfaces(text: str) -> tuple[Interface, ...]:
    """Raises ReplyError."""
    try:
        found = json.loads(text)
        return tuple(_interface(one) for one in found)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ReplyError("The reply of ip is not its list of interfaces.") from None


def _interface(one: dict[str, Any]) -> Interface:
    addresses = tuple(str(address["local"]) for address in one["addr_info"] if "local" in address)
    return Interface(str(one["ifname"]), "LOWER_UP" in list(one["flags"]), addresses)


def read_clock(text: str) -> Clock:
    """Raises ReplyError."""
    answer = need(pairs(text, "="), "NTPSynchronized", "timedatectl")
    if answer not in {"yes", "no"}:
        raise ReplyError(f'timedatectl answers "NTPSynchronized" with {answer[:40]!r}.')
    return Clock(answer == "yes")
