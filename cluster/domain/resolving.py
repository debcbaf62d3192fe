"""Where names lead, asked side by side: the system's resolver waits long for a name server that is dead."""

import queue
import socket
import threading
from collections.abc import Collection
from time import monotonic

PATIENCE = 5.0  # seconds for all names together; resolv.conf's own patience is some five for each server and each try
Answer = tuple[str, frozenset[str]]


def lead_to(names: Collection[str]) -> dict[str, frozenset[str]]:
    """The addresses that each name leads to on other machines; none where it leads nowhere, or nobody told in time."""
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    for name in names:  # daemon threads: one that hangs must not hold the process
        threading.Thread(target=lambda name=name: answers.put((name, _addresses(name))), daemon=True).start()
    found: dict[str, frozenset[str]] = dict.fromkeys(names, frozenset())
    end = monotonic() + PATIENCE
    for _name in names:
        try:
            name, addresses = answers.get(timeout=max(0.0, end - monotonic()))
        except queue.Empty:
            break
        found[name] = addresses
    return found


def _addresses(name: str) -> frozenset[str]:
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(name, None, proto=socket.IPPROTO_TCP)}
    except (OSError, UnicodeError):
        return frozenset()
    return frozenset(address for address in found if not address.startswith(("127.", "::1", "fe80")))
