"""The library: where the files of stored calls lie. Written through one handle, under its marker (law 4)."""

import hashlib
import os
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from apresa.layout import MARKER, LibraryMissing
from apresa.shared.files import sync_volume

CHUNK = 1 << 20
STAGING = ".staging"


@dataclass(slots=True)
class Library:
    """An opened library. All names are relative to it; what was staged appears at once by `publish`."""

    path: Path
    handle: int
    staged: dict[str, str] = field(default_factory=dict)

    def stage(self, source: Path, name: str) -> None:
        """Copy a file into the library under a hidden name. Raises OSError."""
        with source.open("rb") as file:
            self._stage(name, iter(lambda: file.read(CHUNK), b""))

    def stage_bytes(self, content: bytes, name: str) -> None:
        self._stage(name, iter([content]))

    def _stage(self, name: str, chunks: Iterator[bytes]) -> None:
        check_name(name)
        folder, _, last = name.rpartition("/")
        self._make_folders(folder)
        with suppress(FileExistsError):
            os.mkdir(STAGING, 0o750, dir_fd=self.handle)
        temporary = f"{STAGING}/{last[:100]}.{secrets.token_hex(6)}"
        handle = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o640, dir_fd=self.handle
        )
        self.staged[name] = temporary
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                file.write(chunk)

    def publish(self) -> None:
        """Make all staged files safe with one sync, then visible (S1). Raises OSError."""
        if not self.staged:
            return
        sync_volume(Path(f"/proc/self/fd/{self.handle}"))
        folders = set()
        for name, temporary in self.staged.items():
            os.rename(temporary, name, src_dir_fd=self.handle, dst_dir_fd=self.handle)
            folders.add(name.rpartition("/")[0])
        self.staged.clear()
        for folder in folders:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.handle)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def tidy(self) -> None:
        """Remove what a process that was killed had staged. For the one process that settles. Raises OSError."""
        self.remove_all(STAGING, "")

    def remove_all(self, folder: str, beginning: str) -> None:
        """Erase the files of a folder whose names begin like this. Raises OSError."""
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.handle)
        except FileNotFoundError:
            return
        try:
            for name in os.listdir(handle):
                if name.startswith(beginning):
                    os.unlink(name, dir_fd=handle)
        finally:
            os.close(handle)

    def discard(self, name: str) -> None:
        """Forget one staged file."""
        temporary = self.staged.pop(name, None)
        if temporary:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=self.handle)

    def remove(self, name: str) -> None:
        """Erase a library file; one that is gone already is no error. Raises OSError."""
        check_name(name)
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self.handle)

    def _make_folders(self, folder: str) -> None:
        made = ""
        for part in folder.split("/"):
            parent = made or "."
            made = f"{made}/{part}" if made else part
            with suppress(FileExistsError):
                os.mkdir(made, 0o750, dir_fd=self.handle)
                up = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.handle)
                try:
                    os.fsync(up)
                finally:
                    os.close(up)


@contextmanager
def open_library(path: Path, expected: uuid.UUID | None) -> Iterator[Library]:
    """Open the library for writing; what is still staged at the end is discarded. Raises LibraryMissing, OSError."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise LibraryMissing(f"The library {path} cannot be opened: {error.strerror}.") from None
    library = Library(path, handle)
    try:
        _check_marker(library, expected)
        yield library
    finally:
        for name in list(library.staged):
            library.discard(name)
        os.close(handle)


def _check_marker(library: Library, expected: uuid.UUID | None) -> None:
    try:
        handle = os.open(MARKER, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=library.handle)
        with os.fdopen(handle, "rb") as file:
            found = uuid.UUID(file.read(100).decode("ascii").strip())
    except (OSError, ValueError):
        raise LibraryMissing(
            f"The library {library.path} has no marker file {MARKER}: is its volume mounted?"
        ) from None
    if expected is not None and found != expected:
        raise LibraryMissing(f"The library {library.path} is not the one that this machine knows; nothing is written.")


def check_name(name: str) -> None:
    """Raise ValueError unless the name stays inside the library."""
    parts = name.split("/")
    if len(parts) < 2 or any(part in {"", ".", ".."} or "\0" in part for part in parts):
        raise ValueError(f"{name!r} is no name in the library")


def file_name(call_id: uuid.UUID, version: int, digest: str, started: datetime, extension: str) -> str:
    """`YYYY/MM/DD/<id>.<version>-<digest8>.<extension>`; the day is UTC."""
    return f"{started:%Y/%m/%d}/{call_id}.{version}-{digest[:8]}.{extension}"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
