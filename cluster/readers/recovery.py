"""Replies that a recovery asks for beside the usual ones: marks in the database's folders, histories, generations."""

import re

from cluster.readers.reply import ReplyError, lsn, number
from cluster.recovery.generations import Generation
from cluster.recovery.lines import Fork, Line, Server

HISTORY = re.compile(r"== ([0-9A-F]{8})\.history", re.ASCII)
GENERATION = re.compile(r"(?:.*\s)?([0-9A-F]{16}):([0-9A-F]{16}):([0-9A-F]{16}):([0-9A-F]{16})(?::[01])*", re.ASCII)
MOST_TIMELINES = 10_000
Histories = dict[int, tuple[Fork, ...]]


def read_marks(text: str) -> frozenset[str]:
    """The names that `find` prints, one a line. Raises ReplyError."""
    names = text.split()
    if any(not re.fullmatch(r"[\w.]{1,64}", name, re.ASCII) for name in names):
        raise ReplyError("The names of the database's marks cannot be read.")
    return frozenset(names)


def read_histories(text: str) -> Histories:
    """All history files of a database, each after a line with its name: the forks by timeline. Raises ReplyError."""
    found: dict[int, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        head = HISTORY.fullmatch(line)
        if head:
            lines = found.setdefault(int(head[1], 16), [])
        else:
            lines.append(line)
    return {timeline: read_history("\n".join(content)) for timeline, content in found.items()}


def read_history(text: str) -> tuple[Fork, ...]:
    """One history file: "timeline, position, reason" a line; comments are left out. Raises ReplyError."""
    forks = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        words = line.split()
        if len(words) < 2:
            raise ReplyError(f"{line[:40]!r} is no line of a history.")
        forks.append(Fork(number(words[0], "a timeline"), lsn(words[1])))
    if len(forks) > MOST_TIMELINES or [one.timeline for one in forks] != sorted({one.timeline for one in forks}):
        raise ReplyError("The timelines of a history do not rise.")
    return tuple(forks)


def read_generation(text: str) -> Generation:
    """`drbdadm get-gi r0`: identifiers and flags with colons between them. Raises ReplyError."""
    lines = [line for line in text.splitlines() if line.strip()]
    match = GENERATION.fullmatch(lines[0].strip()) if len(lines) == 1 else None
    if not match:
        raise ReplyError("The reply of drbdadm is not the generations of one device with one peer.")
    current, bitmap, *history = (int(group, 16) for group in match.groups())
    return Generation(current, bitmap, tuple(history))


def read_line(text: str) -> Line:
    """A running server's line without its history: "t|0/3000060|7700000000000000001|5". Raises ReplyError."""
    fields = text.strip().split("|")
    if len(fields) != 4 or fields[0] not in {"t", "f"}:
        raise ReplyError(f"psql answers {text.strip()[:60]!r} when asked for the database's line.")
    writes = fields[0] == "f"
    server = Server.WRITES if writes else Server.FOLLOWS
    return Line(fields[2], number(fields[3], "a timeline"), lsn(fields[1]), True, writes, server, None)


def read_other(text: str) -> Line:
    """What the other node's server says to a replica: IDENTIFY_SYSTEM and in_hot_standby. Raises ReplyError."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    fields = lines[0].split("|") if len(lines) == 2 else []
    if len(fields) != 4 or lines[1] not in {"on", "off"}:
        raise ReplyError("The other node's database does not say who it is.")
    writes = lines[1] == "off"
    server = Server.WRITES if writes else Server.FOLLOWS
    return Line(fields[0], number(fields[1], "a timeline"), lsn(fields[2]), True, writes, server, None)


def read_other_history(text: str) -> tuple[Fork, ...]:
    """TIMELINE_HISTORY as a replica gets it: the file's name, "|", its content. Raises ReplyError."""
    name, bar, content = text.partition("|")
    if not bar or not re.fullmatch(r"\s*[0-9A-F]{8}\.history", name, re.ASCII):
        raise ReplyError("The other node's database does not tell its history.")
    return read_history(content)
