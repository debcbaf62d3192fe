"""Raw replies → one node's view. Pure: the same replies always give the same view."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from cluster import commands
from cluster.commands import Command, Meaning
from cluster.drbd_types import Drbd
from cluster.readers.corosync import read_configuration, read_links, read_quorum, read_witness
from cluster.readers.drbd import read_events, read_json, read_protocol, read_status, with_protocol
from cluster.readers.drbd_proc import read_proc
from cluster.readers.machine import read_clock, read_interfaces
from cluster.readers.pacemaker import read_pacemaker
from cluster.readers.postgres import read_control, read_postgres, read_receiver, read_standbys
from cluster.readers.recovery import read_marks
from cluster.readers.rejoin import read_verdict
from cluster.readers.reply import ReplyError
from cluster.readers.services import read_services
from cluster.rejoin_types import Verdict
from cluster.replies import Replies
from cluster.types import Alone, NodeView, NotRunning, Result, Unknown, Why

T = TypeVar("T")
Reader = Callable[[str], T]
# Among the replies, but no commands: asked within Apresa.
SERVICES, REJOIN = "services", "rejoin"
DRBD_SOURCES: Mapping[str, tuple[Command, Reader[Drbd | NotRunning]]] = {
    "proc": (commands.DRBD_PROC, read_proc),
    "status": (commands.DRBD_STATUS, read_status),
    "json": (commands.DRBD_JSON, read_json),
    "events": (commands.DRBD_EVENTS, read_events),
}


def read_node(replies: Replies) -> NodeView | Alone:
    """What the node sees; Alone where no cluster is set up on it."""
    configuration = answer(replies, commands.CONFIGURATION, read_configuration)
    if isinstance(configuration, NotRunning):
        return Alone(replies.node)
    if not isinstance(configuration, Unknown) and len(configuration.nodes) < 2:
        return Alone(replies.node)  # the example that Debian's package installs names one node
    return NodeView(
        name=replies.node,
        configuration=configuration,
        pacemaker=answer(replies, commands.PACEMAKER, read_pacemaker),
        quorum=answer(replies, commands.QUORUM, read_quorum),
        links=answer(replies, commands.LINKS, read_links),
        interfaces=_running(answer(replies, commands.INTERFACES, read_interfaces)),
        drbd=_drbd(replies),
        postgres=answer(replies, commands.POSTGRES, read_postgres),
        standbys=answer(replies, commands.STANDBYS, read_standbys),
        receiver=answer(replies, commands.RECEIVER, read_receiver),
        control=_running(answer(replies, commands.CONTROL, read_control)),
        clock=_running(answer(replies, commands.CLOCK, read_clock)),
        marks=_running(answer(replies, commands.MARKS, read_marks)),
        services=_own(replies, SERVICES, read_services),
        rejoin=_verdict(replies),
        witness=answer(replies, commands.WITNESS, read_witness) if commands.WITNESS.name in replies.results else None,
    )


def _drbd(replies: Replies) -> Drbd | NotRunning | Unknown:
    """By the source that was asked; the protocol comes from the configuration where the source does not tell it."""
    asked = [source for source in DRBD_SOURCES if DRBD_SOURCES[source][0].name in replies.results]
    if not asked:
        return Unknown(Why.MISSING, "DRBD was not asked.")
    command, reader = DRBD_SOURCES[asked[-1]]
    drbd = answer(replies, command, reader)
    if isinstance(drbd, Drbd) and drbd.protocol is None and commands.DRBD_SHOW.name in replies.results:
        protocol = answer(replies, commands.DRBD_SHOW, read_protocol)
        return with_protocol(drbd, protocol if isinstance(protocol, str) else None)
    return drbd


def _own(replies: Replies, name: str, reader: Reader[T]) -> T | Unknown | None:
    """A report of the command alone, or of an older release, has none."""
    result = replies.results.get(name)
    if not isinstance(result, Result):
        return result
    try:
        return reader(result.out)
    except ReplyError as error:
        return Unknown(Why.UNREADABLE, str(error))


def _verdict(replies: Replies) -> Verdict | None:
    """What cannot be read proves nothing."""
    found = _own(replies, REJOIN, read_verdict)
    return found if isinstance(found, Verdict) else None


def _running(part: T | NotRunning | Unknown) -> T | Unknown:
    """Of a part that is always there, "not running" would be no answer."""
    return Unknown(Why.UNREADABLE, part.detail) if isinstance(part, NotRunning) else part


def answer(replies: Replies, command: Command, reader: Reader[T]) -> T | NotRunning | Unknown:
    """What one command said, read; what it did not say is unknown."""
    result = replies.results.get(command.name)
    if result is None:
        return Unknown(Why.MISSING, f"{command.name} was not asked.")
    if isinstance(result, Unknown):
        return result
    meaning = command.codes.get(result.code)
    if meaning is Meaning.ASK_TEXT and re.search(command.off, result.said):
        return NotRunning(_last_words(result))
    if meaning is not Meaning.ANSWER:
        return Unknown(Why.UNREADABLE, f"{command.argv[0]} ended with exit code {result.code}: {_last_words(result)}")
    try:
        return reader(result.out)
    except ReplyError as error:
        return Unknown(Why.UNREADABLE, str(error))


def _last_words(result: Result) -> str:
    """The first line that the tool said, for a person."""
    lines = [line.strip() for line in result.err.splitlines() + result.out.splitlines() if line.strip()]
    return lines[0][:200] if lines else "it said nothing."
