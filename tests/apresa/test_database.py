"""What database errors say about the cluster's database."""

import sqlite3
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.db.utils import DataError, IntegrityError, InternalError, OperationalError

from apresa import database
from apresa.database import DatabaseState


def wrapped(outer: type[Exception], cause: Exception) -> Exception:
    error = outer(str(cause))
    error.__cause__ = cause
    return error


def of_sqlstate(code: str) -> Exception:
    return psycopg.errors.lookup(code)("what the server said")


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("25006", DatabaseState.READ_ONLY),
        ("08006", DatabaseState.ABSENT),
        ("57P01", DatabaseState.ABSENT),
        ("57P03", DatabaseState.ABSENT),
        ("53300", DatabaseState.ABSENT),
        ("57014", None),
        ("42P01", None),
        ("40001", None),
    ],
)
def test_sqlstate_says_this(code: str, state: DatabaseState | None) -> None:
    assert database.classify(wrapped(InternalError, of_sqlstate(code))) is state


def test_connection_that_cannot_be_made_means_absent() -> None:
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect("host=/nowhere dbname=none connect_timeout=2")
    assert database.classify(wrapped(OperationalError, caught.value)) is DatabaseState.ABSENT


def test_read_only_sqlite_file_is_read_only(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "x").execute("CREATE TABLE t (a)").connection.close()
    connection = sqlite3.connect(f"file:{tmp_path / 'x'}?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("INSERT INTO t VALUES (1)")
    connection.close()
    assert database.classify(wrapped(OperationalError, caught.value)) is DatabaseState.READ_ONLY


def test_missing_sqlite_file_is_absent(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError) as caught:
        sqlite3.connect(tmp_path / "none" / "x")
    assert database.classify(wrapped(OperationalError, caught.value)) is DatabaseState.ABSENT


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        OSError("x"),
        wrapped(IntegrityError, sqlite3.IntegrityError("UNIQUE")),
        wrapped(DataError, of_sqlstate("22001")),
        OperationalError("without a cause"),
    ],
)
def test_other_errors_say_nothing(error: Exception) -> None:
    assert database.classify(error) is None


@pytest.mark.django_db(databases=["default", "node"])
def test_embedded_database_is_writable() -> None:
    assert database.state() is DatabaseState.WRITABLE


def test_answer_is_kept_for_a_moment_and_forgotten_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([DatabaseState.ABSENT, DatabaseState.READ_ONLY])
    monkeypatch.setattr(database, "_observe", lambda: next(answers))
    database.forget()
    states = [database.state(), database.state()]
    database.forget()
    states.append(database.state())
    assert states == [DatabaseState.ABSENT, DatabaseState.ABSENT, DatabaseState.READ_ONLY]


def test_others_do_not_wait_while_an_absent_database_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answer = threading.Event(), threading.Event()

    def silent() -> DatabaseState:
        asked.set()
        assert answer.wait(20)
        return DatabaseState.WRITABLE

    monkeypatch.setattr(database, "KEPT_FOR", -1.0)
    monkeypatch.setattr(database, "_known", (0.0, DatabaseState.ABSENT))
    monkeypatch.setattr(database, "_observe", silent)
    states = [database.state(), database.state()]
    answer.set()
    assert asked.is_set()
    deadline = time.monotonic() + 20
    while database.state() is not DatabaseState.WRITABLE:
        assert time.monotonic() < deadline
    assert states == [DatabaseState.ABSENT, DatabaseState.ABSENT]


@pytest.mark.parametrize(("seen", "asks_again"), [(DatabaseState.ABSENT, False), (DatabaseState.READ_ONLY, True)])
def test_error_that_contradicts_what_was_known_asks_again(
    monkeypatch: pytest.MonkeyPatch, seen: DatabaseState, asks_again: bool
) -> None:
    answers = iter([DatabaseState.ABSENT, DatabaseState.WRITABLE])
    monkeypatch.setattr(database, "_observe", lambda: next(answers))
    database.forget()
    database.state()
    database.learn(seen)
    assert database.state() is (DatabaseState.WRITABLE if asks_again else DatabaseState.ABSENT)
