"""Who takes writes, asked of the servers: the probe does not tell, as a standby that follows is ready, too."""

import time
from collections.abc import Callable, Sequence

from tests.lab.cluster.node import Node
from tests.lab.cluster.place import LabError

WRITES = "runuser -u postgres -- psql -X -A -t -d postgres -c 'select pg_is_in_recovery()'"


def writers(nodes: Sequence[Node]) -> list[str]:
    return [node.name for node in nodes if _writes(node)]


def watch(nodes: Sequence[Node], ended: Callable[[list[str]], bool], seconds: float) -> int:
    """Looks at all of them until `ended` says so of those that take writes; how often. Raises LabError for two."""
    looks, end = 0, time.monotonic() + seconds
    while True:
        found = writers(nodes)
        if len(found) > 1:  # one look takes a while: the first may have ended before the last was asked
            found = writers(nodes)
        if len(found) > 1:
            raise LabError(f"{' and '.join(found)} take writes at once.")
        looks += 1
        if ended(found):
            return looks
        if time.monotonic() > end:
            raise LabError(f"No end within {seconds:g} s: {' and '.join(found) or 'nobody'} takes writes.")


def _writes(node: Node) -> bool:
    try:
        return node.sh(WRITES, seconds=5, check=False).strip() == "f"
    except LabError:  # it has no power
        return False
