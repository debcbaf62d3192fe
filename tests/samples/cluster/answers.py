"""The replies of a healthy node as the runner would bring them."""

from cluster import commands
from cluster.commands import Command
from cluster.replies import Replies
from cluster.types import Result, Unknown
from tests.fakes.runner import Call
from tests.samples.cluster import replies

TEXTS: tuple[tuple[Command, str], ...] = (
    (commands.PACEMAKER, replies.PACEMAKER),
    (commands.QUORUM, replies.QUORUM),
    (commands.WITNESS, replies.WITNESS),
    (commands.LINKS, replies.LINKS.replace("disconnected", "connected")),
    (commands.INTERFACES, replies.INTERFACES.replace("NO-CARRIER", "LOWER_UP")),
    (commands.CLOCK, replies.CLOCK),
    (commands.CONTROL, replies.CONTROL),
    (commands.MARKS, ""),
    (commands.POSTGRES, replies.POSTGRES),
    (commands.STANDBYS, replies.STANDBYS),
    (commands.RECEIVER, replies.NO_RECEIVER),
)
CONFIGURED = (commands.CONFIGURATION, replies.CONFIGURATION)
PROC = (commands.DRBD_PROC, replies.PROC)
ABSENT = Call(commands.CONFIGURATION, code=1, err="cat: /etc/corosync/corosync.conf: No such file or directory")


def calls(*drbd: tuple[Command, str]) -> list[Call]:
    return [Call(command, text) for command, text in (CONFIGURED, *TEXTS, *(drbd or (PROC,)))]


def healthy(**others: Result | Unknown) -> Replies:
    """North's replies, some replaced by the names of their commands ("drbd_proc")."""
    results: dict[str, Result | Unknown] = {
        command.name: Result(command.argv, 0, text, "") for command, text in (CONFIGURED, *TEXTS, PROC)
    }
    results.update({name.replace("_", "-"): result for name, result in others.items()})
    return Replies("north", 1_000_000.0, results)
