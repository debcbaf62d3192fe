"""How far the other node's copy of the cluster's database has come: the one door to that question.

Positions are those of PostgreSQL's log (LSN), as numbers of bytes. Without a replica (SQLite, a lone machine) there
is nothing to ask, and every answer is None.
"""

import time
from collections.abc import Callable

from django.db import connections
from django.db.utils import Error as DatabaseError

PAUSE = 0.02
PATIENCE = 2.0  # seconds that a person waits for the other node
_standby: list[Callable[[], str]] = []


def name_standby(finder: Callable[[], str]) -> None:
    """The room that knows the cluster says how the other node's name is found; "" where there is none."""
    _standby[:] = [finder]


def is_expected() -> bool:
    """Whether this machine's database should have a copy on another node."""
    return connections["default"].vendor == "postgresql" and bool(_name())


def is_saved(patience: float = PATIENCE) -> bool:
    """Whether all that was committed here until now is durable on the other node, too, or need not be. Never raises.

    It waits a moment for it: what people are told to be saved should not be lost with one machine (PROTOCOL K10).
    """
    if not is_expected():
        return True
    try:
        here = position()
    except DatabaseError:
        return False
    return here is not None and reached(here, patience=patience)


def position() -> int | None:
    """Where the log ends now. What is visible before this is asked was committed no further than this."""
    if connections["default"].vendor != "postgresql":
        return None
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_insert_lsn() - '0/0' END")
        return _number(cursor.fetchone())


def flushed() -> int | None:
    """What the other node has made durable; None where it is away, or nobody may tell. Raises a database error."""
    name = _name()
    if not name or connections["default"].vendor != "postgresql":
        return None
    with connections["default"].cursor() as cursor:
        # Another reader of the log (a backup) is no second copy. Without the right to read it, the position is empty.
        cursor.execute(
            "SELECT max(flush_lsn - '0/0') FROM pg_stat_replication "
            "WHERE application_name = %s AND state = 'streaming'",
            [name],
        )
        return _number(cursor.fetchone())


def timeline() -> int | None:
    """The line of history on which the database writes now."""
    if connections["default"].vendor != "postgresql":
        return None
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)")
        row = cursor.fetchone()
        return int(row[0], 16) if row and row[0] else None


def reached(wanted: int, *, patience: float) -> bool:
    """Whether the other node has flushed that far, now or within so many seconds. Never raises."""
    until = time.monotonic() + patience
    while True:
        try:
            come = flushed()
        except DatabaseError:
            return False
        if come is not None and come >= wanted:
            return True
        if come is None or time.monotonic() >= until:
            return False  # nobody follows, so waiting would not help
        time.sleep(PAUSE)


def _name() -> str:
    return _standby[0]() if _standby else ""


def _number(row: tuple[object, ...] | None) -> int | None:
    return None if row is None or row[0] is None else int(str(row[0]))
