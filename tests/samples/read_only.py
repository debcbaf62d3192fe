"""The cluster's database as a hot standby has it: read, but not written."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from apresa import database


@contextmanager
def read_only_database() -> Iterator[None]:
    """Within a test's transaction; what `database.state` knew is forgotten."""
    database.forget()
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA query_only = ON")
        try:
            yield
        finally:
            connection.cursor().execute("PRAGMA query_only = OFF")
            database.forget()
        return
    with transaction.atomic():
        connection.cursor().execute("SET TRANSACTION READ ONLY")
        yield
        transaction.set_rollback(True)  # ends the ban, too
    database.forget()
