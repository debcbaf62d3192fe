"""Replies of psql and pg_controldata → Postgres, Standby, Receiver, ControlData."""

import csv
import io
from datetime import datetime

from cluster.readers.reply import ReplyError, lsn, maybe_lsn, need, number, pairs
from cluster.types import ControlData, NotRunning, Postgres, Receiver, Standby


def read_postgres(text: str) -> Postgres:
    """One line, "t|0/3024B60|0/3024B60". Raises ReplyError."""
    fields = text.strip().split("|")
    if len(fields) != 3 or fields[0] not in {"t", "f"}:
        raise ReplyError(f"psql answers {text.strip()[:60]!r} when asked for the server's role.")
    return Postgres(fields[0] == "t", maybe_lsn(fields[1]), maybe_lsn(fields[2]))


def read_standbys(text: str) -> tuple[Standby, ...]:
    """pg_stat_replication as CSV with a head. Raises ReplyError."""
    return tuple(
        Standby(
            name=need(row, "application_name", "psql"),
            state=need(row, "state", "psql"),
            sync_state=need(row, "sync_state", "psql"),
            current=maybe_lsn(row.get("current_lsn") or need(row, "sent_lsn", "psql")),
            flushed=maybe_lsn(need(row, "flush_lsn", "psql")),
        )
        for row in _rows(text)
    )


def read_receiver(text: str) -> Receiver | NotRunning:
    """pg_stat_wal_receiver as CSV with a head: no row on a primary. Raises ReplyError."""
    rows = _rows(text)
    if not rows:
        return NotRunning("This server receives from nobody.")
    if len(rows) > 1:
        raise ReplyError("psql names two receivers of one server.")
    row = rows[0]
    timeline = need(row, "received_tli", "psql")
    return Receiver(
        status=need(row, "status", "psql"),
        timeline=number(timeline, "a timeline") if timeline else None,
        flushed=lsn(row["flushed_lsn"]) if row.get("flushed_lsn") else None,
        skew=_skew(row),
    )


def read_control(text: str) -> ControlData:
    """Raises ReplyError."""
    found = pairs(text, ":")
    return ControlData(
        system=need(found, "Database system identifier", "pg_controldata"),
        state=need(found, "Database cluster state", "pg_controldata"),
        timeline=number(need(found, "Latest checkpoint's TimeLineID", "pg_controldata"), "a timeline"),
        position=_position(found),
    )


def _position(found: dict[str, str]) -> int | None:
    """The last byte of the log that these files are known to hold: a crashed server's may go on behind it."""
    names = ("Latest checkpoint location", "Minimum recovery ending location")
    known = [lsn(found[name]) for name in names if name in found]
    return max(known) if known else None


def _rows(text: str) -> list[dict[str, str]]:
    try:
        lines = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise ReplyError(f"The reply of psql is no CSV: {error}.") from None
    if not lines:
        raise ReplyError("psql answered nothing.")
    head, *rest = lines
    if any(len(line) != len(head) for line in rest):
        raise ReplyError("A row in the reply of psql has not the columns of its head.")
    return [dict(zip(head, line, strict=True)) for line in rest]


def _skew(row: dict[str, str]) -> float | None:
    sent, received = row.get("last_msg_send_time"), row.get("last_msg_receipt_time")
    if not sent or not received:
        return None
    try:
        return (datetime.fromisoformat(received) - datetime.fromisoformat(sent)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        raise ReplyError(f"{sent[:40]!r} and {received[:40]!r} are no times.") from None
