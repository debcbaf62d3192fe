"""Ask this node everything at once. What does not answer in time is an "unknown" of the view, and holds nobody up."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from cluster import commands
from cluster.commands import Command
from cluster.read import DRBD_SOURCES, SERVICES, read_node
from cluster.readers.drbd_proc import major_version
from cluster.readers.reply import ReplyError
from cluster.replies import Replies
from cluster.runner import CommandUnavailable, Runner
from cluster.types import Alone, Configuration, Result, Unknown, Why

DEADLINE = 10.0  # seconds for all of it; each command has a shorter limit of its own
SOURCES = ("auto", *DRBD_SOURCES)
Answer = tuple[str, Result | Unknown]
Task = Callable[[], Iterator[Answer]]


def observe(
    runner: Runner,
    node: str,
    *,
    drbd_source: str = "auto",
    deadline: float = DEADLINE,
    now: Callable[[], float] = time.time,
    services: Callable[[], str | Unknown] | None = None,
) -> Replies:
    """The raw replies of this node. On a machine without a cluster only its configuration is asked.

    `services` tells of the node's own services, as JSON."""
    configuration = _ask(runner, commands.CONFIGURATION)
    taken_at = now()
    results: dict[str, Result | Unknown] = {commands.CONFIGURATION.name: configuration}
    read = read_node(Replies(node, taken_at, results))
    if isinstance(read, Alone):
        return Replies(node, taken_at, results)
    asked: tuple[Command, ...] = commands.EVERYWHERE
    if isinstance(read.configuration, Configuration) and read.configuration.witness:
        asked = (*asked, commands.WITNESS)
    first_of_drbd = commands.DRBD_PROC if drbd_source == "auto" else DRBD_SOURCES[drbd_source][0]
    late = Unknown(Why.LATE, f"No answer within {deadline:g} seconds.")
    results.update({command.name: late for command in (*asked, first_of_drbd)})
    tasks = [_task(runner, command) for command in asked]
    tasks.append(lambda: _ask_drbd(runner, drbd_source))
    if services:
        results[SERVICES] = late
        tasks.append(_telling(services))
    results.update(_at_once(tasks, deadline))
    return Replies(node, taken_at, results)


def ask_beside(runner: Runner, asked: Sequence[Command], deadline: float = DEADLINE) -> dict[str, Result | Unknown]:
    """Other questions side by side, under one deadline."""
    late = Unknown(Why.LATE, f"No answer within {deadline:g} seconds.")
    found: dict[str, Result | Unknown] = {command.name: late for command in asked}
    return found | _at_once([_task(runner, command) for command in asked], deadline)


def _at_once(tasks: Sequence[Task], deadline: float) -> dict[str, Result | Unknown]:
    """Run tasks side by side and keep what came in time. Daemon threads: one that hangs must not hold the process."""
    answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()

    def work(task: Task) -> None:
        try:
            for answer in task():
                answers.put(answer)
        finally:
            answers.put(None)

    for task in tasks:
        threading.Thread(target=work, args=(task,), daemon=True).start()
    found: dict[str, Result | Unknown] = {}
    end, running = time.monotonic() + deadline, len(tasks)
    while running:
        try:
            answer = answers.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        if answer is None:
            running -= 1
        else:
            found[answer[0]] = answer[1]
    return found


def _task(runner: Runner, command: Command) -> Task:
    return lambda: iter([(command.name, _ask(runner, command))])


def _telling(services: Callable[[], str | Unknown]) -> Task:
    def tell() -> Iterator[Answer]:
        told = services()
        yield SERVICES, told if isinstance(told, Unknown) else Result((), 0, told, "")

    return tell


def _ask(runner: Runner, command: Command) -> Result | Unknown:
    try:
        return runner.run(command)
    except CommandUnavailable as error:
        return Unknown(error.why, str(error))


def _ask_drbd(runner: Runner, source: str) -> Iterator[Answer]:
    """Of DRBD 8.4 the kernel's own file tells all; of DRBD 9 only drbdsetup does."""
    if source == "auto":
        answer = _ask(runner, commands.DRBD_PROC)
        yield commands.DRBD_PROC.name, answer
        if not _is_version_9(answer):
            return
        source = "json"
    command, _ = DRBD_SOURCES[source]
    yield command.name, _ask(runner, command)
    if source != "proc":
        yield commands.DRBD_SHOW.name, _ask(runner, commands.DRBD_SHOW)


def _is_version_9(answer: Result | Unknown) -> bool:
    try:
        return isinstance(answer, Result) and not answer.code and major_version(answer.out) >= 9
    except ReplyError:
        return False


def observe_some(
    runner: Runner, node: str, *wanted: Command, drbd_source: str = "", now: Callable[[], float] = time.time
) -> Replies:
    """The replies to a few questions, one after the other; the rest of the view is "unknown". For who needs them fresh.

    DRBD is asked, last, where its source is given.
    """
    taken_at = now()
    results = {command.name: _ask(runner, command) for command in (commands.CONFIGURATION, *wanted)}
    if drbd_source:
        results.update(_ask_drbd(runner, drbd_source))
    return Replies(node, taken_at, results)
