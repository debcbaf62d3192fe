"""The recordings of a lone machine → the replicated volume, file by file; run again, only what is new is copied."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from apresa.shared.files import sync_folder, sync_volume

BLOCK = 1 << 20


class CopyError(OSError):
    """Not everything is on the volume; the text is one sentence."""


def mirror(source: Path, target: Path, tell: Callable[[int, int], None]) -> int:
    """All regular files, each read back and compared; what the library no longer has goes. `tell` hears of (bytes so
    far, of all). Returns how many were copied. Raises CopyError."""
    done = copied = 0
    try:
        files = list(_files(source))
        whole = sum(size for _, size in files)
        for path, size in files:
            copied += _mirror_one(path, target / path.relative_to(source))
            done += size
            tell(done, whole)
        for path, _ in list(_files(target)):
            if not (source / path.relative_to(target)).exists():
                path.unlink(missing_ok=True)
        sync_volume(target)
    except OSError as error:
        raise CopyError(str(error)) from None
    return copied


def _mirror_one(path: Path, goal: Path) -> bool:
    try:
        if _same(path, goal):
            return False
        _copy(path, goal)
    except FileNotFoundError:  # deleted in the meantime, which may happen while the machine still works
        if path.exists():
            raise
        return False
    return True


def _files(folder: Path) -> Iterator[tuple[Path, int]]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "lost+found")
        for name in sorted(names):
            path = Path(place) / name
            with suppress(FileNotFoundError):
                facts = path.lstat()
                if stat.S_ISREG(facts.st_mode):
                    yield path, facts.st_size


def _same(path: Path, goal: Path) -> bool:
    """A file of the library is never changed in place: time and size tell."""
    if not goal.is_file():
        return False
    one, other = path.stat(), goal.stat()
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _copy(path: Path, goal: Path) -> None:
    goal.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    temporary = goal.with_name(f".{goal.name}.apresa")
    digest = hashlib.sha256()
    facts = path.stat()
    with path.open("rb") as source, temporary.open("wb") as file:
        while block := source.read(BLOCK):
            digest.update(block)
            file.write(block)
        os.fchmod(file.fileno(), facts.st_mode & 0o777)
        file.flush()
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # so that the disk is asked, and not the memory
    with temporary.open("rb") as file:
        back = hashlib.file_digest(file, "sha256")
    if back.digest() != digest.digest():
        temporary.unlink()
        raise CopyError(f"{goal} reads back otherwise than it was written; look at the disk.")
    os.utime(temporary, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    temporary.rename(goal)
    sync_folder(goal.parent)
