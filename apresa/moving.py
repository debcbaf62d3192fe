"""A lone machine's `default` database (SQLite) → the cluster's (PostgreSQL), row by row, compared before it counts."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import Error as DatabaseError
from django.db import connections, transaction
from django.db.models import Model

from apresa.router import database_of

SOURCE = "before"
BATCH = 500
Tell = Callable[[int, int], None]


class MoveError(RuntimeError):
    """Not everything could be moved, so nothing was; the text is one sentence."""


class Changed(RuntimeError):
    """The cluster's database holds what the lone machine's does not; the text is the table's name."""


@dataclass(frozen=True, slots=True)
class Moved:
    rows: int
    digest: str


def models() -> list[type[Model]]:
    """Every table of `default`, those between two others included."""
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if _is_shared(model)]


def _is_shared(model: type[Model]) -> bool:
    meta = model._meta  # noqa: SLF001 -- Django's public interface, for all its underscore
    return meta.managed and not meta.proxy and database_of(meta.app_label, meta.model_name or "") != "node"


def move(sqlite: Path, tell: Tell) -> Moved:
    """Everything that `default` holds by now is replaced, in one transaction. `tell` hears of (rows so far, of all).

    Raises MoveError. Whoever calls keeps others from writing to the SQLite file meanwhile.
    """
    _open(sqlite)
    every = models()
    try:
        whole = sum(_rows(model, SOURCE).count() for model in every)
        with transaction.atomic("default"):
            _empty(every)
            done = 0
            for model in every:
                for batch in _batches(model):
                    _insert(model, batch)
                    done += len(batch)
                    tell(done, whole)
            _sequences(every)
            return _compare(every)
    except (DatabaseError, ValueError) as error:
        raise MoveError(f"The database could not be moved: {str(error).splitlines()[0]}") from None


@contextmanager
def held_unchanged(sqlite: Path, alive: Callable[[], None]) -> Iterator[None]:
    """While this holds, nobody writes to `default`, and it holds nothing that the SQLite file does not. The audit trail
    does not count: it is shipped from `node`, which stays. The server may end meanwhile. Raises Changed, MoveError."""
    _open(sqlite)
    every = [model for model in models() if model._meta.app_label != "audit"]  # noqa: SLF001 -- see above
    same = False
    try:
        with transaction.atomic("default"):
            _lock(every)
            for model in every:
                alive()
                if _digest(model, SOURCE) != _digest(model, "default"):
                    raise Changed(model._meta.db_table)  # noqa: SLF001 -- see above
            same = True
            yield
    except (DatabaseError, ValueError) as error:
        if not same:
            raise MoveError(f"The databases could not be compared: {str(error).splitlines()[0]}.") from None
        if not isinstance(error, DatabaseError):
            raise
    finally:
        connections[SOURCE].close()


def _lock(every: list[type[Model]]) -> None:
    connection = connections["default"]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("select pg_is_in_recovery()")
        if cursor.fetchone() == (True,):
            return  # a standby takes no writes, and no locks
        names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in every)  # noqa: SLF001 -- see above
        cursor.execute(f"lock table {names} in share mode")


def _open(sqlite: Path) -> None:
    """The old database beside the new one, only for reading."""
    connections.databases[SOURCE] = {
        **deepcopy(connections.databases["node"]),
        "NAME": f"file:{sqlite}?mode=ro",
        "OPTIONS": {"uri": True, "timeout": 30},
    }


def _rows(model: type[Model], alias: str) -> Any:
    return model._base_manager.using(alias).order_by("pk")  # noqa: SLF001 -- no manager of the model's own may hide rows


def _batches(model: type[Model]) -> Iterator[list[Model]]:
    batch: list[Model] = []
    for row in _rows(model, SOURCE).iterator(chunk_size=BATCH):
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _insert(model: type[Model], batch: list[Model]) -> None:
    """As it is: no time of "now", no signal, no new key."""
    fields = _fields(model)
    rows: Any = model._base_manager.using("default")  # noqa: SLF001 -- see _rows
    rows._insert(batch, fields=fields, using="default", raw=True)  # noqa: SLF001 -- Django has no other raw insert


def _fields(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.local_concrete_fields if not field.generated]  # noqa: SLF001 -- see above


def _empty(every: list[type[Model]]) -> None:
    """What `migrate` has put there; Django checks foreign keys at the end of the transaction."""
    connection = connections["default"]
    tables = [model._meta.db_table for model in every]  # noqa: SLF001 -- see above
    with connection.cursor() as cursor:
        for statement in connection.ops.sql_flush(no_style(), tables, reset_sequences=True, allow_cascade=False):
            cursor.execute(statement)


def _sequences(every: list[type[Model]]) -> None:
    connection = connections["default"]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), every):
            cursor.execute(statement)


def _compare(every: list[type[Model]]) -> Moved:
    """Read both, table by table. Raises MoveError."""
    rows, digest = 0, hashlib.sha256()
    for model in every:
        before, after = (_digest(model, alias) for alias in (SOURCE, "default"))
        if before != after:
            raise MoveError(f"The table {model._meta.db_table} reads otherwise than it was written: nothing was moved.")  # noqa: SLF001 -- see above
        rows += before[0]
        digest.update(f"{model._meta.label} {before[0]} {before[1]}\n".encode())  # noqa: SLF001 -- see above
    return Moved(rows, digest.hexdigest())


def _digest(model: type[Model], alias: str) -> tuple[int, int]:
    """Rows, and the sum of their digests: the two databases need not sort alike."""
    names = [field.attname for field in _fields(model)]
    rows = total = 0
    for row in _rows(model, alias).values_list(*names).iterator(chunk_size=BATCH):
        line = json.dumps([_plain(value) for value in row], sort_keys=True).encode()
        total = (total + int.from_bytes(hashlib.sha256(line).digest())) % (1 << 256)
        rows += 1
    return rows, total


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | str | float | dict | list):
        return value
    if isinstance(value, bytes | memoryview | bytearray):
        return bytes(value).hex()
    return str(value.normalize()) if isinstance(value, Decimal) else str(value)
