"""The directories of a node's data, and the marker without which nothing is written to the library."""

import uuid
from pathlib import Path

from apresa.env import Settings, SettingsError
from apresa.shared.files import create_once

MARKER = ".apresa-library"


class LibraryMissing(OSError):
    """The library's volume is not there: its marker file is absent, so nothing may be written."""


def make_data(settings: Settings) -> None:
    """Make the data directory, without which no database can be opened. Raises SettingsError."""
    try:
        settings.data.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"The data directory {settings.data} cannot be made: {error}.") from None


def prepare(settings: Settings) -> None:
    """Make this machine's own directories. Raises OSError."""
    for path in (settings.data, settings.spool, settings.run, settings.broker, settings.run / "control"):
        path.mkdir(mode=0o750, parents=True, exist_ok=True)


def mark_library(library: Path) -> uuid.UUID:
    """Give a new library its marker, or read the one it has. Raises OSError."""
    library.mkdir(mode=0o750, parents=True, exist_ok=True)
    create_once(library / MARKER, f"{uuid.uuid4()}\n".encode())
    return check_library(library)


def check_library(library: Path) -> uuid.UUID:
    """The library's name, asked before each write (law 4). Raises LibraryMissing."""
    try:
        return uuid.UUID((library / MARKER).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        raise LibraryMissing(f"The library {library} has no marker file {MARKER}: is its volume mounted?") from None
