"""What a node's own services say of themselves, for the report that both nodes judge. Rooms bring their own checks.

The checks of `apresa.health` are among them; those here are no matter for a load balancer that asks /readyz."""

from collections.abc import Callable
from contextlib import suppress

from apresa import health
from apresa.health import Check, Finding

_checks: dict[str, Check] = {}
_counters: list[Callable[[], int | None]] = []
_pairs: list[Callable[[], tuple[int, int, int] | None]] = []


def register(name: str) -> Callable[[Check], Check]:
    """Add a check under a name; a check answers within a few seconds and raises nothing it knows of."""

    def add(check: Check) -> Check:
        _checks[name] = check
        return check

    return add


def count_calls_by(counter: Callable[[], int | None]) -> Callable[[], int | None]:
    """The room that hears the calls says how many ended since its program began; None while it cannot tell."""
    _counters[:] = [counter]
    return counter


def findings() -> dict[str, Finding]:
    return {**health.findings(), **health.run(_checks)}


def calls_heard() -> int | None:
    for counter in _counters:
        with suppress(OSError, ValueError):
            return counter()
    return None


def compare_heard_by(pair: Callable[[], tuple[int, int, int] | None]) -> None:
    """The room that knows two nodes says how many calls each heard end: here, there, and in how many minutes."""
    _pairs[:] = [pair]


def heard_by_both() -> tuple[int, int, int] | None:
    """None where this machine stands alone, or the two were not compared."""
    return _pairs[0]() if _pairs else None
