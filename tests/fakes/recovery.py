"""A failed node behind the door to commands: the steps of a recovery change what it says of itself."""

from collections.abc import Callable
from typing import Any

from cluster.commands import Command
from cluster.types import Result, Unknown
from tests.fakes.cluster import FakeCluster
from tests.samples.cluster import replies
from tests.samples.cluster.kept import OFF, said

Change = Callable[["FailedNode"], Result | None]
HISTORY_5 = "1\t0/1000000\tpromoted\n4\t0/2000000\tpromoted\n"
HISTORY_6 = HISTORY_5 + "5\t0/3000000\tpromoted\n"
HISTORIES = f"== 00000005.history\n{HISTORY_5}"
CONTROL = replies.CONTROL + "Latest checkpoint location:           0/2F00000\n"
SYSTEM = "7700000000000000001"
ACTIVE = f"{SYSTEM}|6|0/5000000|\noff\n"
STANDBY = f"{SYSTEM}|6|0/5000000|\non\n"
GENERATION = "0000000000000010:0000000000000000:0000000000000008:0000000000000000:1:1:0:1:0:0:0\n"
FOLLOWS = {
    "postgres": said("t|0/5000000|0/5000000\n"),
    "line": said(f"t|0/5000000|{SYSTEM}|6\n"),
    "receiver": said(replies.RECEIVER.replace("5,1/3000060", "6,0/5000000")),
    "standbys": said(replies.STANDBYS.splitlines()[0] + "\n"),
    "control": said(replies.CONTROL.replace("in production", "in archive recovery").replace(":       5", ":       6")),
    "histories": said(f"== 00000006.history\n{HISTORY_6}"),
}
SECOND = (
    replies.PACEMAKER.replace('name="north"', 'name="#"').replace('name="south"', 'name="north"').replace("#", "south")
)
"""The picture of Pacemaker's with south as the active node and north as the one that stands by."""
PASSIVE = replies.PROC.replace("Primary/Secondary", "Secondary/Primary")


class FailedNode(FakeCluster):
    """North, after it lost its power; south is active. `changes`: what a verb does instead of what it should."""

    def __init__(self, *, changes: dict[str, Change] | None = None, **others: Result | Unknown) -> None:
        down: dict[str, Any] = {
            **OFF,
            "line": OFF["postgres"],
            "control": said(CONTROL),
            "histories": said(HISTORIES),
            "generation": said(GENERATION),
            "other-database": said(ACTIVE),
            "other-history": said(f"00000006.history|{HISTORY_6}"),
        }
        super().__init__(None, **{name.replace("-", "_"): reply for name, reply in {**down, **others}.items()})
        self._changes = {**CHANGES, **(changes or {})}

    def run(self, command: Command) -> Result:
        if command.order is None or command.name in self.replies:
            return super().run(command)
        verb = command.order.verb
        assert verb in self._changes, f"{command.argv} was not expected"
        self.done.append(verb)
        return self._changes[verb](self) or Result(command.argv, 0, "it is done\n", "")

    def joined(self) -> None:
        """Pacemaker and the database run; a copy of the recordings that has parted stays so."""
        self.now(pacemaker=said(SECOND), quorum=said(replies.QUORUM), links=said(replies.LINKS), **FOLLOWS)
        if "StandAlone" not in str(self.replies["drbd-proc"]):
            self.now(drbd_proc=said(PASSIVE))


def _nothing(_node: FailedNode) -> None:
    pass


def _joined(node: FailedNode) -> None:
    node.joined()


def _discarded(node: FailedNode) -> None:
    node.now(drbd_proc=said(PASSIVE))


CHANGES: dict[str, Change] = {
    "agent-marks": _nothing,
    "ban": _nothing,
    "clear-ban": _nothing,
    "database-again": _nothing,
    "database-stop": _nothing,
    "database-swap": _nothing,
    "kept-close": _nothing,
    "kept-open": _nothing,
    "kept-read": _nothing,
    "pacemaker": _joined,
    "promotable": _nothing,
    "recordings-discard": _discarded,
    "refresh": _nothing,
}
