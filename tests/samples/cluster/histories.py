"""Two databases with a history that is known: who wrote what, and what PostgreSQL's files would say of it.

An oracle of its own: each node holds a set of writes; lines (timeline, position, forks) are only what is seen of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from cluster.recovery.lines import Fork, Line, Server


@dataclass
class Database:
    """`log`: the writes in order; each promotion is one, too (its record is in the log)."""

    timeline: int = 1
    forks: tuple[Fork, ...] = ()
    log: list[int] = field(default_factory=list)
    server: Server = Server.STOPPED
    wrote: bool = False
    crashed: bool = False
    known: int = 0
    """How much of the log a crashed server's files are known to hold."""

    def line(self) -> Line:
        exact = not self.crashed or self.server is not Server.STOPPED
        position = len(self.log) if exact else self.known
        return Line("7", self.timeline, position, exact, self.wrote, self.server, self.forks)


class World:
    """What a pair of nodes can go through; every event is possible in any order, and does nothing where it cannot."""

    def __init__(self) -> None:
        self.nodes = [Database(server=Server.WRITES, wrote=True), Database(server=Server.FOLLOWS)]
        self.linked = True
        self.number = 0
        self.begun: set[tuple[int, int]] = set()
        """Where timelines were begun. Two that begin at the very same byte cannot be told apart by PostgreSQL's files
        once one of their servers ran as a standby again: the recordings' generations must tell then."""

    def write(self, which: int) -> None:
        node = self.nodes[which]
        if node.server is Server.WRITES:
            self.number += 1
            node.log.append(self.number)

    def ship(self, which: int) -> None:
        """The standby gets the next byte, as long as it stands where its primary's line has been."""
        node, source = self.nodes[which], self.nodes[1 - which]
        if not self.linked or node.server is not Server.FOLLOWS or source.server is not Server.WRITES:
            return
        if source.log[: len(node.log)] != node.log or len(source.log) == len(node.log):
            return
        node.log.append(source.log[len(node.log)])
        left = next((fork.at for fork in source.forks if fork.timeline == node.timeline), None)
        if left is not None and len(node.log) > left:
            node.timeline, node.forks = source.timeline, source.forks

    def promote(self, which: int) -> None:
        node, other = self.nodes[which], self.nodes[1 - which]
        if node.server is not Server.FOLLOWS or (self.linked and other.server is Server.WRITES):
            return
        if (node.timeline, len(node.log)) in self.begun:
            return
        self.begun.add((node.timeline, len(node.log)))
        node.forks = (*node.forks, Fork(node.timeline, len(node.log)))
        node.timeline, node.server, node.wrote = node.timeline + 1, Server.WRITES, True
        self.write(which)

    def crash(self, which: int) -> None:
        node = self.nodes[which]
        if node.server is not Server.STOPPED:
            node.server, node.crashed, node.known = Server.STOPPED, True, max(node.known, len(node.log) - 2)

    def stop(self, which: int) -> None:
        node = self.nodes[which]
        if node.server is not Server.STOPPED:
            node.server, node.crashed = Server.STOPPED, False

    def start(self, which: int) -> None:
        """As a standby, as the agent starts everything."""
        node = self.nodes[which]
        if node.server is Server.STOPPED:
            node.server, node.wrote = Server.FOLLOWS, False

    def cut(self, which: int) -> None:  # noqa: ARG002 -- as all events
        self.linked = not self.linked

    def has_more(self, one: int, two: int) -> bool:
        """Whether one holds a write that two lacks."""
        return bool(set(self.nodes[one].log) - set(self.nodes[two].log))


EVENTS = ("write", "ship", "promote", "crash", "stop", "start", "cut")
Script = Sequence[tuple[str, int]]


def scripts() -> st.SearchStrategy[Script]:
    return st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 1)), max_size=30)


def lived(script: Script) -> World:
    world = World()
    for event, which in script:
        getattr(world, event)(which)
    return world
