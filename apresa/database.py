"""The three states of the cluster's database, and what its errors mean."""

import enum
import sqlite3
import threading
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.utils import Error as DjangoDatabaseError

from apresa.databases import CONNECT_TIMEOUT
from apresa.shared import clock

KEPT_FOR = 1.0  # seconds
PATIENCE = 0.3  # seconds; a server that is back, or refuses, answers sooner


class DatabaseState(enum.Enum):
    WRITABLE = "writable"
    READ_ONLY = "read-only"
    ABSENT = "absent"


_lock = threading.Lock()
_known: tuple[float, DatabaseState] | None = None


def state() -> DatabaseState:
    """The state of `default`, about a second old. Never raises.

    Only the first to ask, and the first to find a silent server, wait for the connect time limit: others go by
    what was known, and while the database is absent a thread of its own asks again.
    """
    known = _known
    if known is not None and clock.monotonic() - known[0] <= KEPT_FOR:
        return known[1]
    if not _lock.acquire(blocking=known is None):
        return known[1] if known else DatabaseState.ABSENT
    if known is not None and known[1] is DatabaseState.ABSENT:
        thread = threading.Thread(target=_refresh_and_release, daemon=True)
        thread.start()
        thread.join(PATIENCE)
        return _known[1] if _known else DatabaseState.ABSENT
    return _refresh_and_release()


def forget() -> None:
    """Ask the database again at the next question."""
    global _known  # noqa: PLW0603 -- a cache of one value
    _known = None


def learn(seen: DatabaseState) -> None:
    """An error has shown this state: when something else was known, the next question asks again."""
    if _known is not None and _known[1] is not seen:
        forget()


def classify(error: BaseException) -> DatabaseState | None:
    """What a database error says about `default`: read-only, absent, or None for an error of another kind."""
    if not isinstance(error, DjangoDatabaseError):
        return None
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return _classify_sqlite(cause)
    code = getattr(cause, "sqlstate", None)
    if code == "25006":  # read_only_sql_transaction
        return DatabaseState.READ_ONLY
    if code is None:  # psycopg's own: no connection could be made, or it broke
        return DatabaseState.ABSENT if type(cause).__name__ in {"OperationalError", "ConnectionTimeout"} else None
    # 08: connection exception; 57P0x: shut down, crashed, starting up; 53300: no connection left.
    return DatabaseState.ABSENT if code.startswith(("08", "57P0")) or code == "53300" else None


def is_disk_full(error: BaseException) -> bool:
    """Whether a database could not write because its disk is full."""
    cause = error.__cause__ if isinstance(error, DjangoDatabaseError) else None
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) == "53100"


def _classify_sqlite(cause: sqlite3.Error) -> DatabaseState | None:
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_READONLY:
        return DatabaseState.READ_ONLY
    return DatabaseState.ABSENT if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR} else None


def _refresh_and_release() -> DatabaseState:
    global _known  # noqa: PLW0603 -- a cache of one value
    try:
        observed = _observe()
        _known = (clock.monotonic(), observed)
        return observed
    finally:
        _lock.release()


def _observe() -> DatabaseState:
    if settings.APRESA.mode == "embedded":
        return _observe_sqlite()
    return _observe_postgresql(connections["default"].get_connection_params())


def _observe_sqlite() -> DatabaseState:
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("PRAGMA query_only")
            return DatabaseState.READ_ONLY if cursor.fetchone()[0] else DatabaseState.WRITABLE
    except DjangoDatabaseError:
        return DatabaseState.ABSENT


def _observe_postgresql(parameters: dict[str, Any]) -> DatabaseState:
    import psycopg  # noqa: PLC0415 -- embedded mode loads no PostgreSQL library

    # A connection of its own: the request's may be broken, or in a failed transaction.
    wanted = {name: value for name, value in parameters.items() if name not in {"cursor_factory", "context"}}
    wanted["connect_timeout"] = CONNECT_TIMEOUT
    try:
        with psycopg.connect(**wanted, autocommit=True) as connection:
            row = connection.execute("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool")
            answer = row.fetchone()
            return DatabaseState.READ_ONLY if answer and answer[0] else DatabaseState.WRITABLE
    except psycopg.Error:
        return DatabaseState.ABSENT
