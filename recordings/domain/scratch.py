"""A place that leaves nothing behind: temporary spool and library, both databases in memory."""

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.db import connections

from apresa.layout import mark_library
from recordings.domain.place import Place

MEMORY = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "OPTIONS": {}}


@contextmanager
def scratch_place(form: str) -> Iterator[Place]:
    """For a process of its own: its databases are replaced for good, before anything has used them."""
    for alias in ("default", "node"):
        connections[alias].close()
        connections.databases[alias].update(MEMORY)
        del connections[alias]
        _make_tables(alias)
    with tempfile.TemporaryDirectory(prefix="apresa-scratch-") as folder:
        root = Path(folder)
        for name in ("spool", "library", "work"):
            (root / name).mkdir(mode=0o700)
        marker = mark_library(root / "library")
        yield Place(root / "spool", root / "library", root / "work", str(uuid.uuid4()), marker, format=form)


def _make_tables(alias: str) -> None:
    """Tables straight from the models: a hundred times faster than all migrations, and as good for one run."""
    connection = connections[alias]
    with connection.constraint_checks_disabled(), connection.schema_editor() as editor:
        for label in ("recordings", "node", "events"):
            for model in apps.get_app_config(label).get_models():
                editor.create_model(model)
