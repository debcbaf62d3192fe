"""The one door to commands: an argv list in, exit code and output out. No shell, no terminal, always a time limit."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import structlog

from cluster.commands import PROGRAMS, Command
from cluster.types import Result, Why

LONGEST_REPLY = 4 * 1024 * 1024  # crm_mon of a two-node cluster says some 20 kB
GRACE = 1.0  # seconds between the kill and giving a process up: one that hangs in the kernel cannot be killed

log = structlog.get_logger(__name__)


class CommandUnavailable(Exception):
    """No usable reply; `why` says whether the program is missing, came too late, or said too much."""

    def __init__(self, why: Why, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


class Runner(Protocol):
    def run(self, command: Command) -> Result:
        """Run a command to its end. Raises CommandUnavailable; any exit code is an answer here."""


class SystemRunner:
    """Runs the programs of this machine."""

    def __init__(self, programs: Mapping[str, str] = PROGRAMS) -> None:
        self._programs = programs

    def run(self, command: Command) -> Result:
        started = time.monotonic()
        log.debug("command starts", argv=command.argv)
        try:
            result = self._run(command)
        except CommandUnavailable as error:
            log.warning("command gave no reply", argv=command.argv, why=str(error.why), error=str(error))
            raise
        log.debug("command ended", argv=command.argv, code=result.code, seconds=round(time.monotonic() - started, 3))
        return result

    def _run(self, command: Command) -> Result:
        program = self._programs.get(command.argv[0], command.argv[0])
        if not Path(program).exists():
            raise CommandUnavailable(Why.MISSING, f"{program} is not installed.")
        try:
            process = subprocess.Popen(
                [program, *command.argv[1:]],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                cwd="/",
                start_new_session=True,  # so that its children die with it
            )
        except OSError as error:
            raise CommandUnavailable(Why.MISSING, f"{program} cannot be started: {error.strerror}.") from None
        try:
            out, err = _collect(process, program, time.monotonic() + command.seconds)
        except TimeoutError:
            _end(process)
            raise CommandUnavailable(
                Why.LATE, f"{program} gave no answer within {command.seconds:g} seconds."
            ) from None
        except CommandUnavailable:
            _end(process)
            raise
        finally:
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
        return Result(command.argv, process.returncode, out, err)


def _collect(process: subprocess.Popen[bytes], program: str, deadline: float) -> tuple[str, str]:
    """Both outputs of a process that ended. Raises TimeoutError, or CommandUnavailable where it says too much."""
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
            if len(out) + len(err) > LONGEST_REPLY:
                raise CommandUnavailable(Why.UNREADABLE, f"{program} said more than {LONGEST_REPLY} bytes.")
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(GRACE)
    except ProcessLookupError:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        log.warning("process cannot be killed", pid=process.pid)
