"""Capture files into the spool: the same sniffer and signalling as live, as children without secrets, then settle."""

import ctypes
import fcntl
import hashlib
import os
import resource
import secrets
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from recordings.domain.place import Place
from recordings.pipeline.spool.calls import CallFile, read_call
from recordings.pipeline.spool.errors import SpoolError, SpoolForeign
from recordings.pipeline.spool.keys import keys
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.policy import Policy, write_policy
from recordings.pipeline.spool.sealing import sealing_of

ROOT = Path(__file__).resolve().parents[2]
OK, UNREADABLE, USAGE, BUSY, DISK = 0, 1, 2, 5, 6
MEMORY = 6 << 30
SECONDS = 12 * 3600
LARGEST_SENTENCE = 2000
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)

Progress = Callable[[int], None]
"""Told how many packets were read so far."""


class ImportRefused(Exception):
    """Nothing was imported; status is the command's exit status, the text one sentence for people."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class Imported:
    """A capture whose calls lie in the spool; fault says what was wrong with the file, "" when it was whole."""

    session: Session
    calls: tuple[CallFile, ...]
    fault: str


def take_in(
    place: Place, file: str, *, max_size: int | None, progress: Progress, key_log: Path | None = None
) -> Imported:
    """Read a capture ("-" is standard input) into a session of the spool; `key_log`: secrets of its TLS connections.

    Raises ImportRefused.
    """
    folder = place.spool / "importing" / _name(file)
    with _locked(folder) as session:
        _obey(Session(place.spool / "live"), session, place.node)
        more = ["--key-log", str(key_log.resolve())] if key_log else []
        more += ["--max-size", str(max_size)] if max_size is not None else []
        status, said = _sniff(session, place.node, file, more, progress)
        if status in {USAGE, BUSY, DISK} or status < 0:
            refused = status if status in {USAGE, BUSY} else UNREADABLE
            raise ImportRefused(said or f"The capture reader ended by signal {-status}.", refused)
        signalled(session, place.node)
        calls = tuple(_calls(session))
        # Until here no worker sees the session, so the calls that it holds are known before they are settled.
        visible = place.spool / "imports" / f"{folder.name}-{secrets.token_hex(3)}"
        visible.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.rename(visible)
    return Imported(Session(visible), calls, said if status else "")


def forget(imported: Imported) -> bool:
    """Remove the session when all of it is settled; False when calls or stream files are still needed."""
    left = [path for path in imported.session.calls.iterdir() if path.suffix != ".attempts"]
    if left:
        return False
    shutil.rmtree(imported.session.path, ignore_errors=True)
    return True


def _name(file: str) -> str:
    """The same capture has the same name, so that an import that was broken off begins anew."""
    try:
        if file == "-" or not (stat.S_ISREG(mode := Path(file).stat().st_mode) or stat.S_ISDIR(mode)):
            return f"stream-{secrets.token_hex(6)}"  # what can be read but once, or never ends
        with Path(file).open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()[:16]
    except OSError as error:
        raise ImportRefused(f"{file} cannot be read: {error.strerror}.", UNREADABLE) from None


@contextmanager
def _locked(folder: Path) -> Iterator[Session]:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = folder.with_suffix(".lock")  # beside the folder, which moves away
    handle = _taken(lock)
    if handle < 0:
        raise ImportRefused("This capture is being imported by another process right now.", BUSY)
    try:
        yield Session(folder)
    except BaseException:
        # Nothing in it is a call yet: what a broken-off import left is read again from the capture.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        lock.unlink(missing_ok=True)
        os.close(handle)


def _taken(lock: Path) -> int:
    """The lock file, open and locked; -1 while another process has it."""
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return -1
        try:
            if os.fstat(handle).st_ino == lock.stat().st_ino:
                return handle
        except FileNotFoundError:
            pass  # whoever had it removed it a moment ago
        os.close(handle)


def forget_broken_off(spool: Path, older_than: float) -> None:
    """Remove what killed import commands left, if nobody is at work in it."""
    for lock in (spool / "importing").glob("*.lock"):
        with suppress(FileNotFoundError):
            if lock.stat().st_mtime > older_than:
                continue
        handle = _taken(lock)
        if handle >= 0:
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
            os.close(handle)


def _sniff(session: Session, node: str, file: str, more: list[str], progress: Progress) -> tuple[int, str]:
    """Exit status of the reader and its last sentence."""
    reading, writing = os.pipe()
    argv = ["worker.sniffer.offline", *_where(session, node), "--progress-fd", str(writing)]
    child = _start([*argv, *more, "--", file], stdin=None if file == "-" else subprocess.DEVNULL, pass_fds=(writing,))
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as lines:
            for line in lines:
                if line.strip().isdigit():
                    progress(int(line))
    except BaseException:
        child.kill()
        child.wait()
        raise
    return _end(child)


def _where(session: Session, node: str) -> list[str]:
    return ["--session", str(session.path), "--node", node, "--keys", str(keys().path)]


def _obey(live: Session, session: Session, node: str) -> None:
    """An import is sealed as live calls are. Raises ImportRefused where nobody can tell."""
    try:
        recipient = sealing_of(live).recipient()
        session.create(node)
        if recipient:
            write_policy(session.policy, Policy(recipient=recipient))
    except OSError as error:
        raise ImportRefused(f"The capture cannot be taken in: {error.strerror}.", DISK) from None
    except SpoolForeign as error:
        raise ImportRefused(f"{error}", BUSY) from None


def signalled(session: Session, node: str, *, limited: bool = True) -> None:
    """Find the calls in a session whose journal has come to its end; `limited` as of `_start`. Raises ImportRefused."""
    child = _start(
        ["worker.sniffer.signalling", *_where(session, node), "--until-end"],
        stdin=subprocess.DEVNULL,
        limited=limited,
    )
    status, said = _end(child)
    if status:
        sentence = said.removeprefix("signalling: ") or f"The signalling reader ended with status {status}."
        raise ImportRefused(sentence, status if status > 0 else UNREADABLE)


def _start(
    arguments: list[str], *, stdin: int | None, pass_fds: tuple[int, ...] = (), limited: bool = True
) -> "subprocess.Popen[bytes]":
    """A worker has threads, where nothing may run between fork and exec: it starts no child `limited`."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
        pass_fds=pass_fds,
        preexec_fn=_limit if limited else None,  # noqa: PLW1509 -- only a command calls this, before any thread
    )


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a killed import leaves no reader behind that holds its locks


def _end(child: "subprocess.Popen[bytes]") -> tuple[int, str]:
    try:
        _, said = child.communicate(timeout=SECONDS)
    except BaseException:
        child.kill()
        child.wait()
        raise
    lines = said.decode(errors="replace").strip().splitlines()
    return child.returncode, lines[-1][:LARGEST_SENTENCE] if lines else ""


def _calls(session: Session) -> Iterator[CallFile]:
    for path in sorted(session.calls.glob("*.call")):
        try:
            yield read_call(path)
        except (OSError, SpoolError):
            continue  # settling puts it aside and says so
