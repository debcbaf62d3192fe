"""An old database beside the two of a test: the tables that a handover reads, and nothing in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.db import connections

from apresa.accounts.models import Token, User
from apresa.audit.models import Entry
from apresa.config.models import Setting
from recordings.models import (
    Call,
    CallKey,
    Head,
    HeldCall,
    Hold,
    Link,
    NodeKey,
    Note,
    Tag,
    Tombstone,
    TombstoneKey,
    UserNumber,
)

OLD = "old"
TABLES: tuple[Any, ...] = (
    *(Entry, Setting, User, Group, Token),
    *(Tombstone, TombstoneKey, UserNumber),
    *(Call, CallKey, Hold, HeldCall, Note, Tag),
    *(NodeKey, Link, Head),
)


@contextmanager
def old_database(root: Path) -> Iterator[str]:
    connections.databases[OLD] = {
        **deepcopy(connections.databases["node"]),
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(root / "old.sqlite3"),
        "OPTIONS": {},
    }
    try:
        connections[OLD].connect()  # a test may not connect to databases that it did not name
        with connections[OLD].schema_editor() as editor:
            for table in TABLES:
                editor.create_model(table)
        yield OLD
    finally:
        connections[OLD].close()
        del connections[OLD]
        del connections.databases[OLD]
