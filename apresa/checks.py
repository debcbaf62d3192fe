"""Every misconfiguration as a Django system check: id, sentence, hint. Wrong values never get this far: see `env`."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution

from apresa.env import Settings
from apresa.layout import MARKER

LEAST_SQLITE = (3, 38, 0)  # JSON and RETURNING
LEAST_FREE = 500_000_000  # bytes


@register(Tags.compatibility)
def check_platform(**_: Any) -> list[CheckMessage]:
    """apresa.E001 to E006, W001 to W003."""
    wanted: Settings = settings.APRESA
    return [*_directories(wanted), *_secrets(wanted), *_versions(), *_web(wanted)]


def _directories(wanted: Settings) -> Iterator[CheckMessage]:
    for path in (wanted.data, wanted.spool, wanted.library, wanted.run):
        if path.exists() and not path.is_dir():
            yield Error(f"{path} is no directory.", hint="Move it away, or set data elsewhere.", id="apresa.E001")
        elif path == wanted.library and not (path / MARKER).exists():
            continue  # the bare mount point of a cluster's volume is not to be written (S4)
        elif path.exists() and not os.access(path, os.W_OK | os.X_OK):
            yield Error(
                f"The directory {path} cannot be written.",
                hint=f"Give it to the user that Apresa runs as: chown -R apresa {path}.",
                id="apresa.E002",
            )
    existing = next((path for path in (wanted.spool, wanted.data, *wanted.data.parents) if path.is_dir()), Path("/"))
    if shutil.disk_usage(existing).free < LEAST_FREE:
        yield Caution(
            f"Less than {LEAST_FREE // 1_000_000} MB are free for {wanted.data}.",
            hint="Free some space, or set data to a bigger disk; calls are lost when it is full.",
            id="apresa.W001",
        )
    if len(str(wanted.run / "control.sock").encode()) > 100:
        yield Error(
            f"The path {wanted.run} is too long for a Unix socket.",
            hint="Set data to a path of less than 80 characters.",
            id="apresa.E003",
        )


def _secrets(wanted: Settings) -> Iterator[CheckMessage]:
    for path in (wanted.secret_key_file or wanted.data / "secret_key", wanted.database_password_file):
        if path and path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) & ~stat.S_IRGRP:
            yield Error(f"Others may read {path}.", hint=f"Run chmod 600 {path}.", id="apresa.E004")


def _versions() -> Iterator[CheckMessage]:
    if sqlite3.sqlite_version_info < LEAST_SQLITE:
        yield Error(
            f"SQLite {sqlite3.sqlite_version} is too old.",
            hint="Apresa needs SQLite 3.38 or newer; Debian 12 has it.",
            id="apresa.E005",
        )


def _web(wanted: Settings) -> Iterator[CheckMessage]:
    if any(not origin.startswith(("http://", "https://")) for origin in wanted.trusted_origins):
        yield Error(
            "An address in trusted_origins has no scheme.",
            hint="Write https://recorder.example.org, with https:// in front.",
            id="apresa.E006",
        )
    if wanted.debug and wanted.mode == "full":
        yield Caution(
            "debug is on in full mode: error pages show what they should not.",
            hint="Remove the setting debug.",
            id="apresa.W002",
        )
    if "*" in wanted.allowed_hosts:
        yield Caution(
            "allowed_hosts is *, so any name is answered.",
            hint="List the names and addresses by which people reach this machine.",
            id="apresa.W003",
        )
