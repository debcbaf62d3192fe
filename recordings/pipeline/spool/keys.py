"""The keys of this boot: a folder in memory with a small file for each run of a writer, so that those who write and
those who settle read the spool without an unlock. A reboot empties it; then the private key must open the run's header.
"""

import errno
import os
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from apresa.shared.files import write_atomically
from apresa.shared.sealing.header import HALF, Header
from recordings.pipeline.spool.errors import SpoolLocked

_VOLATILE = frozenset({"tmpfs", "ramfs"})
_SUFFIX = ".half"


class KeyFolder:
    """Halves by run; each file belongs to this user alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def prepare(self) -> None:
        """Make the folder. Raises OSError, also when it would outlive a reboot: keys never go to a disk."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = self.path.stat()
        if found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise OSError(
                errno.EACCES, "the folder for the keys of the spool must be this user's alone", str(self.path)
            )
        kind = filesystem_of(found.st_dev, Path("/proc/self/mountinfo").read_text(encoding="utf-8"))
        if kind not in _VOLATILE:
            said = f"keys of the spool may lie on tmpfs or ramfs only, not on {kind or 'an unknown file system'}"
            raise OSError(errno.EINVAL, said, str(self.path))

    def put(self, run: UUID, half: bytes) -> None:
        """Raises OSError."""
        self.prepare()
        write_atomically(self._file(run), half)

    def half(self, run: Header) -> bytes:
        """Raises SpoolLocked when this boot does not have it."""
        try:
            half = self._file(run.call).read_bytes()
        except FileNotFoundError:
            half = b""
        if len(half) != HALF:
            raise SpoolLocked(run)
        return half

    def has(self, run: UUID) -> bool:
        return self._file(run).exists()

    def runs(self) -> set[UUID]:
        """Whose halves are here."""
        found = set()
        for path in self.path.glob(f"*{_SUFFIX}"):
            with suppress(ValueError):
                found.add(UUID(path.stem))
        return found

    def age(self, run: UUID) -> float:
        """Seconds since it came here; 0 when it is gone."""
        try:
            return time.time() - self._file(run).stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def forget(self, run: UUID) -> None:
        self._file(run).unlink(missing_ok=True)

    def _file(self, run: UUID) -> Path:
        return self.path / f"{run}{_SUFFIX}"


class _Nowhere(KeyFolder):
    """Before `use`: no key is known, none can be kept."""

    def __init__(self) -> None:
        super().__init__(Path(os.devnull))

    def prepare(self) -> None:
        raise OSError(errno.ENOKEY, "no folder is set for the keys of the spool")

    def half(self, run: Header) -> bytes:
        raise SpoolLocked(run)

    def has(self, run: UUID) -> bool:  # noqa: ARG002 -- the answer is the same for all
        return False


_in_use: list[KeyFolder] = [_Nowhere()]


def use(folder: Path | None) -> None:
    """From now on this process finds the node's keys there: one place for all readers, told once at the start."""
    _in_use[0] = KeyFolder(folder) if folder else _Nowhere()


def keys() -> KeyFolder:
    return _in_use[0]


def filesystem_of(device: int, mountinfo: str) -> str:
    """The type of the file system with this device number, by proc_pid_mountinfo(5); "" when it is not there."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in mountinfo.splitlines():
        before, dash, after = line.partition(" - ")
        words = before.split()
        if dash and len(words) > 2 and words[2] == wanted and after.split():
            return after.split()[0]
    return ""
