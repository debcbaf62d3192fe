"""A database that was the active one may follow the other node's: the agent's mark goes, and nothing else.

It was proven of certain files. Here it is seen once more that these are the ones, that nobody runs them, and that their
last record ends before the point where the other node went on.
"""

import re
from pathlib import Path

from apresa_helper.machine import BIN, DATA, Failed, as_postgres, server_runs, sync
from apresa_helper.questions import AGENT_FILES, RECOVERING
from apresa_helper.values import Refused

LOCK = "PGSQL.lock"
CLEAN = ("shut down", "shut down in recovery")
SYSTEM = re.compile(r"[0-9]{1,20}", re.ASCII)
TIMELINE = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
POSITION = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})", re.ASCII)
# A shutdown checkpoint's record, aligned; where it goes across pages, the next one's head lies within.
RECORD, PAGE, SEGMENT, PAGE_HEAD, SEGMENT_HEAD = 120, 8192, 16 * 1024 * 1024, 24, 40


def rejoin(system: str, timeline: str, position: str, fork: str) -> str:
    if not (SYSTEM.fullmatch(system) and TIMELINE.fullmatch(timeline)):
        raise Refused("A database is named by its system identifier and its timeline.")
    begins, left = lsn(position), lsn(fork)
    folder = Path(AGENT_FILES)
    if (folder / RECOVERING).exists():
        raise Refused("A recovery of this node has not ended.")
    if server_runs(DATA):
        raise Refused("The server of this node runs: its mark is the agent's, and stays.")
    told = _control()
    if told["Database cluster state"] not in CLEAN:
        raise Refused(f"The database was not shut down in order: {told['Database cluster state']}.")
    found = max(lsn(told["Latest checkpoint location"]), lsn(told["Minimum recovery ending location"]))
    names = (told["Database system identifier"], told["Latest checkpoint's TimeLineID"])
    if names != (system, timeline) or found != begins:
        raise Refused("The database's files are no more those that it was proven of.")
    if end_of(found, told["Database cluster state"]) > left:
        raise Refused("The database has a last part that the other node lacks: it must be recovered.")
    (folder / LOCK).unlink(missing_ok=True)
    sync(folder)
    return "the database may follow the other node's"


def lsn(text: str) -> int:
    match = POSITION.fullmatch(text)
    if not match:
        raise Refused("A position in the database's log is two hexadecimal numbers with a slash between them.")
    return (int(match[1], 16) << 32) + int(match[2], 16)


def end_of(position: int, state: str) -> int:
    """pg_control tells where a primary's last checkpoint begins."""
    if state != "shut down":
        return position
    end = position + RECORD
    if position // PAGE == (end - 1) // PAGE:
        return end
    return end + (SEGMENT_HEAD if (end // PAGE * PAGE) % SEGMENT == 0 else PAGE_HEAD)


def _control() -> dict[str, str]:
    text = as_postgres(f"{BIN}/pg_controldata", str(DATA)).stdout
    pairs = (line.partition(":") for line in text.splitlines())
    told = {name.strip(): value.strip() for name, _colon, value in pairs}
    wanted = {"Database cluster state", "Database system identifier", "Latest checkpoint's TimeLineID"}
    if not told.keys() >= wanted | {"Latest checkpoint location", "Minimum recovery ending location"}:
        raise Failed("pg_controldata does not tell how the database was shut down.")
    return told
