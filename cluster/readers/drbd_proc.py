"""/proc/drbd of DRBD 8.4 → Drbd; of DRBD 9 only the version stands there."""

import re

from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.readers.drbd import NOT_UP
from cluster.readers.reply import ReplyError, number
from cluster.types import NotRunning

DEVICE = re.compile(r"^ *[0-9]+: cs:", re.MULTILINE)
# In StandAlone the letter of the protocol is missing.
STATE = re.compile(r" *[0-9]+: cs:(\w+) ro:(\w+)/(\w+) ds:(\w+)/(\w+) +(?:([ABC]) )?([a-z-]{1,12})\s*", re.ASCII)
OUT_OF_SYNC = re.compile(r"\boos:([0-9]{1,20})\b", re.ASCII)
PROGRESS = re.compile(r"sync'ed: *([0-9]{1,3}(?:\.[0-9]{1,3})?)%", re.ASCII)
FINISH = re.compile(r"finish: ([0-9]{1,6}):([0-5][0-9]):([0-5][0-9])\b", re.ASCII)


def major_version(text: str) -> int:
    """8 or 9. Raises ReplyError."""
    match = re.match(r"version: ([0-9]{1,3})\.", text, re.ASCII)
    if not match:
        raise ReplyError("/proc/drbd does not begin with DRBD's version.")
    return int(match[1])


def read_proc(text: str) -> Drbd | NotRunning:
    """The one device. Raises ReplyError."""
    if major_version(text) != 8:
        raise ReplyError("/proc/drbd tells the state of DRBD 8.4 only; DRBD 9 is asked by drbdsetup.")
    start = DEVICE.search(text)
    if start is None:
        return NOT_UP
    if DEVICE.search(text, start.end()):
        raise ReplyError("/proc/drbd has two devices; this product has one.")
    line, _, rest = text[start.start() :].partition("\n")
    if line.split()[1] == "cs:Unconfigured":
        return NOT_UP
    state = STATE.fullmatch(line)
    out_of_sync = OUT_OF_SYNC.search(rest)
    if state is None or out_of_sync is None:
        raise ReplyError(f"/proc/drbd has a line that nobody understands: {line[:80]!r}.")
    connection, replication = _two_words(state[1])
    return Drbd(
        role=DrbdRole.of(state[2]),
        disk=DrbdDisk.of(state[4]),
        connection=connection,
        replication=replication,
        peer_role=DrbdRole.of(state[3]),
        peer_disk=DrbdDisk.of(state[5]),
        suspended=state[7][0] != "r",
        protocol=state[6],
        out_of_sync=number(out_of_sync[1], "kibibytes"),
        percent=min(100.0, float(progress[1])) if (progress := PROGRESS.search(rest)) else None,
        seconds_left=_seconds(rest),
    )


def _two_words(word: str) -> tuple[DrbdConnection, DrbdReplication]:
    """8.4's one word in 9's two: what replicates is connected; a handshake that goes on (WFReportParams) is not yet."""
    if word == "Connected":
        return DrbdConnection.CONNECTED, DrbdReplication.ESTABLISHED
    if word in {"WFConnection", "WFReportParams"}:
        return DrbdConnection.CONNECTING, DrbdReplication.OFF
    replication = DrbdReplication.of(word)
    if replication not in {DrbdReplication.UNKNOWN, DrbdReplication.OFF, DrbdReplication.ESTABLISHED}:
        return DrbdConnection.CONNECTED, replication
    connection = DrbdConnection.of(word)
    unknown = connection is DrbdConnection.UNKNOWN
    return connection, DrbdReplication.UNKNOWN if unknown else DrbdReplication.OFF


def _seconds(text: str) -> int | None:
    match = FINISH.search(text)
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3]) if match else None
