"""Stored audio in another format or with one side, made once and kept for a while."""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from recordings.domain.rendering import renderer

FORMATS = ("flac", "wav", "ulaw", "mp3", "opus")
CHANNELS = ("both", "left", "right", "mix")
AT_ONCE = 2
PATIENCE = 30.0
KEPT_SECONDS = 3600
MOST_BYTES = 2 << 30
_places = threading.BoundedSemaphore(AT_ONCE)


class Busy(RuntimeError):
    """All places for conversions are taken."""


def converted(stored: Path, digest: str, form: str, channel: str) -> Path:
    """A file made of the stored one; digest names its content. Raises Busy, RenderFailure, OSError."""
    folder = Path(settings.APRESA.run) / "converted"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"{digest}-{form}-{channel}"
    if _still_there(target):
        return target
    if not stored.exists():
        raise FileNotFoundError(stored)
    if not _places.acquire(timeout=PATIENCE):
        raise Busy
    try:
        if not _still_there(target):
            _clean(folder)
            with renderer() as render:
                render.transcode(stored, target, form, channel)
    finally:
        _places.release()
    return target


def _still_there(target: Path) -> bool:
    try:
        os.utime(target)  # its use keeps it
    except FileNotFoundError:
        return False
    return True


def _clean(folder: Path) -> None:
    """Remove what was not used for an hour, and the oldest when there is too much."""
    found = []
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            status = path.stat()
            found.append((status.st_mtime, status.st_size, path))
    total = 0
    for used, size, path in sorted(found, reverse=True):
        total += size
        if used < time.time() - KEPT_SECONDS or total > MOST_BYTES:
            path.unlink(missing_ok=True)


def forget_conversions(digest: str) -> None:
    """Remove what was made of a recording that is erased."""
    for path in (Path(settings.APRESA.run) / "converted").glob(f"{digest}-*"):
        path.unlink(missing_ok=True)
