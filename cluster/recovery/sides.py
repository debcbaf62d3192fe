"""What is known of one node when two are compared. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cluster import commands
from cluster.commands import Command
from cluster.drbd_types import Drbd
from cluster.pacemaker_types import Pacemaker, ResourceKind
from cluster.read import answer, read_node
from cluster.readers.recovery import Histories, read_generation, read_histories, read_line
from cluster.recovery.generations import Generation
from cluster.recovery.lines import Fork, Line, Server
from cluster.replies import Replies
from cluster.types import Alone, ControlData, NodeView, NotRunning, Unknown, Why

# What pg_control says after a standby, and after a primary; a copy that was never started says what its source did.
STANDBY_STATES = frozenset({"shut down in recovery", "in archive recovery"})
PRIMARY_STATES = frozenset({"shut down", "in production", "shutting down", "in crash recovery"})
CLEAN_STATES = frozenset({"shut down", "shut down in recovery"})
RESTORED = frozenset({"standby.signal", "backup_label"})
NOT_ASKED = Unknown(Why.MISSING, "It was not asked.")


@dataclass(frozen=True, slots=True)
class Held:
    """What a node holds of the calls, and how much of it the other one does not know; None: nobody can tell."""

    last_call: datetime | None = None
    only_here: Mapping[str, int] | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """`joined`: whether Pacemaker runs on it. `ticket`: the survivor of a recovery that is open there, "" for none."""

    node: str
    line: Line | Unknown
    joined: bool | None
    promoted: bool | None
    """Whether Pacemaker, as this node sees it, has the database promoted here."""
    drbd: Drbd | NotRunning | Unknown
    generation: Generation | Unknown = NOT_ASKED
    marks: frozenset[str] | Unknown = NOT_ASKED
    control: ControlData | Unknown = NOT_ASKED
    ticket: str | None = None
    held: Held = Held()

    @property
    def writes(self) -> bool | None:
        return None if isinstance(self.line, Unknown) else self.line.server is Server.WRITES


def side_of(replies: Replies, *, ticket: str | None = None, held: Held | None = None) -> Side | Unknown:
    """A node's own replies → its side; Unknown where they show no cluster."""
    view = read_node(replies)
    if isinstance(view, Alone):
        return Unknown(Why.MISSING, f"No cluster is set up on {view.name}.")
    pacemaker = view.pacemaker
    joined = None if isinstance(pacemaker, Unknown) else isinstance(pacemaker, Pacemaker)
    promoted = False if joined is False else None
    if isinstance(pacemaker, Pacemaker):
        promoted = view.name in pacemaker.promoted(ResourceKind.DATABASE)
    histories = answer(replies, commands.HISTORIES, read_histories)
    generation = _known(replies, commands.GENERATION)
    return Side(
        node=view.name,
        line=_line(view, answer(replies, commands.LINE, read_line), histories),
        joined=joined,
        promoted=promoted,
        drbd=view.drbd,
        generation=generation,
        marks=view.marks,
        control=view.control,
        ticket=ticket,
        held=held or Held(),
    )


def _known(replies: Replies, command: Command) -> Generation | Unknown:
    found = answer(replies, command, read_generation)
    return Unknown(Why.UNREADABLE, found.detail) if isinstance(found, NotRunning) else found


def _line(
    view: NodeView, running: Line | NotRunning | Unknown, histories: Histories | NotRunning | Unknown
) -> Line | Unknown:
    if isinstance(running, Unknown):
        return running
    found = running if isinstance(running, Line) else _of_files(view, histories)
    if isinstance(found, Unknown):
        return found
    return replace(found, forks=_forks(found.timeline, histories))


def _of_files(view: NodeView, histories: Histories | NotRunning | Unknown) -> Line | Unknown:
    """The line of a server that is down, from pg_control: at least so far."""
    control = view.control
    if isinstance(control, Unknown):
        return control
    if not isinstance(view.postgres, NotRunning):
        return Unknown(Why.UNREADABLE, "It is not known whether the database runs.")
    if control.position is None or control.state not in STANDBY_STATES | PRIMARY_STATES:
        return Unknown(Why.UNREADABLE, f"pg_control says {control.state!r} and no position.")
    newest = max(histories, default=control.timeline) if isinstance(histories, dict) else control.timeline
    exact = control.state in CLEAN_STATES
    if newest > control.timeline and exact:
        newest = control.timeline  # a history that came from the other node, and was not followed
    wrote = control.state in PRIMARY_STATES and not restored(view.marks)
    return Line(control.system, newest, control.position, exact, wrote, Server.STOPPED, None)


def restored(marks: frozenset[str] | Unknown) -> bool:
    """Whether these files are a copy of the other node's that has not run yet."""
    return isinstance(marks, frozenset) and marks >= RESTORED


def _forks(timeline: int, histories: Histories | NotRunning | Unknown) -> tuple[Fork, ...] | None:
    if timeline == 1:
        return ()
    return histories.get(timeline) if isinstance(histories, dict) else None
