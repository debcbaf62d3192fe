"""Running a program of this machine: argv, no shell, no input, a time limit, a bounded answer."""

import os
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LONGEST_ANSWER = 2 * 1024 * 1024
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


class Unavailable(Exception):
    """The program gave no usable answer; `why` is missing, late or unreadable."""

    def __init__(self, why: str, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


@dataclass(frozen=True, slots=True)
class Answer:
    argv: tuple[str, ...]
    code: int
    out: str
    err: str


def run(argv: tuple[str, ...], seconds: float, stdin: bytes = b"") -> Answer:
    """Run a program by its full path; `stdin` is all that it reads. Raises Unavailable; any exit code is an answer."""
    if not Path(argv[0]).exists():
        raise Unavailable("missing", f"{argv[0]} is not installed.")
    try:
        with _input(stdin) as given:
            process = subprocess.Popen(
                argv,
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,  # so that its children end with it
            )
    except OSError as error:
        raise Unavailable("missing", f"{argv[0]} cannot be started: {error.strerror}.") from None
    with process:
        try:
            out, err = _collect(process, time.monotonic() + seconds)
        except TimeoutError:
            _end(process)
            raise Unavailable("late", f"{argv[0]} did not end within {seconds:g} seconds.") from None
        except OverflowError:
            _end(process)
            raise Unavailable("unreadable", f"{argv[0]} said more than {LONGEST_ANSWER} bytes.") from None
    return Answer(argv, process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def _input(data: bytes) -> IO[bytes]:
    """A file in memory, so that a program that does not read it holds nobody up."""
    file = os.fdopen(os.memfd_create("input", os.MFD_CLOEXEC), "w+b")
    file.write(data)
    file.seek(0)
    return file


def _collect(process: subprocess.Popen[bytes], deadline: float) -> tuple[bytes, bytes]:
    """Both outputs to the end of the process. Raises TimeoutError, or OverflowError where it says too much."""
    out, err = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for pipe, text in ((process.stdout, out), (process.stderr, err)):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, text)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if time.monotonic() >= deadline:
                raise TimeoutError
            for key, _ in ready:
                chunk = os.read(key.fd, 65536)
                key.data.extend(chunk)
                if not chunk:
                    selector.unregister(key.fileobj)
            if len(out) + len(err) > LONGEST_ANSWER:
                raise OverflowError
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return bytes(out), bytes(err)


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)  # not reaped yet, so the number is still its own
