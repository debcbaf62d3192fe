"""The embedded supervisor: one loop that starts the programs, passes on their output, and ends them in order."""

import json
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from apresa.shared.files import write_atomically
from worker.run.child import Child, Program
from worker.run.privileges import PrivilegeError, ServiceUser

WIDTH = 10
RECORDING = "recording"
WANTED = "restart-recording"  # in the run folder: whoever may write there asks for a restart
Renew = Callable[[], Sequence[Program]]


def say(name: str, text: str) -> None:
    """One line of output; a terminal or a log that went away ends nobody."""
    try:
        sys.stdout.write(f"{name:<{WIDTH}} | {text}\n")
        sys.stdout.flush()
    except OSError:
        return


class Supervisor:
    """Keeps the programs running until SIGTERM or SIGINT; ends them in the order in which they were given."""

    def __init__(
        self, programs: Sequence[Program], user: ServiceUser | None, data: Path, address: str, renew: Renew
    ) -> None:
        """`renew` gives the recording component anew, by the settings of that moment; it may raise PrivilegeError."""
        self._data = data
        self._user = user
        self.children = [self._make(program) for program in programs]
        self._renew = renew
        self._wanted = data / "run" / WANTED
        self._state = data / "run" / "run.json"
        self._address = address
        self._ending = False
        self._selector = selectors.DefaultSelector()

    def _make(self, program: Program) -> Child:
        return Child(program, self._user, self._data, say)

    def run(self) -> None:
        """Serve until a signal asks to end."""
        with self._signals():
            while not self._ending:
                self._renew_recording()
                self._start_due()
                self._pass_on(self._time_to_next())
                self._reap()
            self._end_all()

    def _start_due(self) -> None:
        changed = False
        for child in self.children:
            if child.next_start is not None and child.next_start <= time.monotonic():
                child.start()
                changed = True
                if child.process and child.process.stdout:
                    self._selector.register(child.process.stdout, selectors.EVENT_READ, child)
        if changed:
            self._publish()

    def _renew_recording(self) -> None:
        """Somebody asked for it: end the recording component, and start it as the settings are now."""
        try:
            self._wanted.unlink()
            programs = self._renew()
        except FileNotFoundError:
            return
        except PrivilegeError as error:
            say("run", f"the recording component goes on as it is: {error}")
            return
        say("run", "restarting the recording component, as asked")
        for child in [child for child in self.children if child.program.name == RECORDING]:
            self._end(child)
            self.children.remove(child)
        self.children[:0] = [self._make(program) for program in programs]
        self._publish()

    def _time_to_next(self) -> float:
        """A process can die without closing its output (a helper holds it), so the loop looks twice a second."""
        due = [child.next_start for child in self.children if child.next_start is not None]
        return max(0.0, min(0.5, *(moment - time.monotonic() for moment in due))) if due else 0.5

    def _pass_on(self, timeout: float) -> None:
        for key, _events in self._selector.select(timeout):
            child: Child | None = key.data
            if child is None:
                os.read(key.fd, 64)
            elif not child.read():
                self._selector.unregister(key.fileobj)

    def _reap(self) -> None:
        for child in self.children:
            output = child.process.stdout if child.process else None
            if output and child.process and child.process.poll() is not None:
                if output in self._selector.get_map():
                    self._selector.unregister(output)
                child.ended()

    def _publish(self) -> None:
        """Tell who runs, for pages and tests: {"pid", "address", "programs": {name: {"pid", "starts"}}}."""
        programs = {child.program.name: {"pid": child.pid, "starts": child.starts} for child in self.children}
        facts = {"pid": os.getpid(), "address": self._address, "programs": programs}
        try:
            write_atomically(self._state, json.dumps(facts).encode())
            if self._user:
                os.chown(self._state, self._user.uid, self._user.gid, follow_symlinks=False)
        except OSError as error:
            say("run", f"{self._state} cannot be written: {error}")

    def _end_all(self) -> None:
        say("run", "ending")
        for child in self.children:
            self._end(child)
        self._state.unlink(missing_ok=True)
        say("run", "ended")

    def _end(self, child: Child) -> None:
        child.ask_to_end()
        limit = time.monotonic() + child.program.patience
        while child.process and child.process.poll() is None and time.monotonic() < limit:
            self._pass_on(0.05)
        child.force_end()
        output = child.process.stdout if child.process else None
        if output and output in self._selector.get_map():
            self._selector.unregister(output)
        child.close()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """SIGTERM, SIGINT and the death of a child wake the loop through a socket: none can be missed."""
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        self._selector.register(ours, selectors.EVENT_READ, None)
        former_fd = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        handlers = {signal.SIGTERM: self._ask, signal.SIGINT: self._ask, signal.SIGCHLD: _wake}
        former = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(former_fd)
            self._selector.close()
            ours.close()
            theirs.close()

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._ending = True


def _wake(_number: int, _frame: FrameType | None) -> None:
    """The wake-up socket does the work; without a handler the kernel would drop the signal."""
