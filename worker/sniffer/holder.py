"""The recording component's root: owns the packet rings and the shared memory, and keeps its children alive.

It parses nothing, writes no spool and outlives every fault of its children. `python -m worker.sniffer.holder --help`.
"""

import argparse
import os
import secrets
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from recordings.pipeline.spool import keys
from recordings.pipeline.spool.errors import SpoolBusy, SpoolForeign
from recordings.pipeline.spool.layout import Session
from worker.sniffer import privileges, shared
from worker.sniffer.children import Child
from worker.sniffer.interfaces import BLOCK_BYTES, InterfaceUnfit, Port, index_of, open_port, statistics
from worker.sniffer.listening import MAX_LISTENERS, Listener, address, network
from worker.sniffer.poison import Poison
from worker.sniffer.shared import MAX_RINGS, RingWord, Word
from worker.sniffer.status import write_status

OK, USAGE, NO_RIGHT, UNFIT, BUSY = 0, 2, 3, 4, 5
EPILOG = """exit status: 0 ended as asked; 2 wrong arguments; 3 no right to capture packets; 4 an interface carries no
packets that can be taken; 5 another recorder is at work on this spool, or the spool belongs to another node"""
_TURN_S, _STATUS_S, _PORTS_S = 0.1, 1.0, 1.0
_CLOCK_STEP_MS = 100  # slewing (adjtime) changes half of one in a second
_HUNG_NS = 20 * 10**9
_CHILD_SECONDS = 20.0  # to take what the rings hold, also on a machine with other work
_NICE = -10  # what comes from the wire cannot wait


class Holder:
    """The loop over ports and children."""

    def __init__(
        self, session: Session, ports: list[Port], options: argparse.Namespace, listeners: Sequence[Listener] = ()
    ) -> None:
        self.session = session
        self.ports = ports
        self.listeners = listeners
        self.options = options
        self.boot = secrets.token_hex(6)
        self.arena = shared.create(options.streams)
        self.control = shared.control_of(self.arena)
        self.sniffer = Child("sniffer", "worker.sniffer.sniffer", held=True, longest_delay=1.0)
        self.signalling = Child("signalling", "worker.sniffer.signalling")
        self.poison = Poison(self.control, ports)
        self.stopping = False
        self._statistics_ns = time.time_ns()
        self._next_status = self._next_ports = 0.0
        self.clocks_ns = time.time_ns() - time.monotonic_ns()

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._arguments()
        self.sniffer.start()
        self.signalling.start()
        ready = False
        while not self.stopping:
            self.turn()
            if not ready and self.control.get(Word.BOOTED):
                ready = True
                privileges.notify("READY=1")
            time.sleep(_TURN_S)
        privileges.notify("STOPPING=1")
        self.sniffer.end(_CHILD_SECONDS)
        self._read_statistics()
        self.signalling.end(_CHILD_SECONDS)
        self._write_status()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def turn(self) -> None:
        """Look after everything once."""
        if self.sniffer.poll():
            self.poison.sniffer_died()
        self.signalling.poll()
        self.control.set(Word.RESTARTS, self.sniffer.restarts + self.signalling.restarts)
        self._kill_hung()
        self._read_statistics()
        now = time.monotonic()
        if now >= self._next_ports:
            self._next_ports = now + _PORTS_S
            self._look_at_ports()
            self._look_at_listeners()
        if now >= self._next_status:
            self._next_status = now + _STATUS_S
            self.note_clock(time.time_ns() - time.monotonic_ns())
            self._write_status()
            privileges.notify("WATCHDOG=1")

    def _arguments(self) -> None:
        common = ["--session", str(self.session.path), "--node", self.options.node]
        common += ["--keys", str(self.options.keys)] if self.options.keys else []
        rings = [f"{port.socket.fileno()}:{port.number}:{port.blocks}:{port.link}" for port in self.ports]
        listening = [one for one in self.listeners if one.sockets]
        self.sniffer.files = [self.arena, *(port.socket.fileno() for port in self.ports)]
        self.sniffer.files += [handle.fileno() for one in listening for handle in one.sockets]
        memory = ["--boot", self.boot, "--arena", str(self.arena), "--streams", str(self.options.streams)]
        self.sniffer.arguments = [*common, *memory, *(word for ring in rings for word in ("--ring", ring))]
        self.sniffer.arguments += [word for one in listening for word in ("--hep", one.words)]
        self.sniffer.arguments += [word for net in self.options.hep_source for word in ("--hep-source", net)]
        self.signalling.arguments = [*common, *(["--cluster", self.options.cluster] if self.options.cluster else [])]

    def _kill_hung(self) -> None:
        beat = self.control.get(Word.HEARTBEAT)
        if beat and self.sniffer.age > _HUNG_NS / 1e9 and time.monotonic_ns() - beat > _HUNG_NS:
            self.sniffer.send(signal.SIGKILL)

    def _read_statistics(self) -> None:
        now_ns = time.time_ns()
        for port in self.ports:
            packets, drops = statistics(port)
            control, number = self.control, port.number
            control.set_ring(number, RingWord.RECEIVED, control.ring(number, RingWord.RECEIVED) + packets)
            if drops:
                if control.ring(number, RingWord.REPORTED) == control.ring(number, RingWord.DROPS):
                    control.set_ring(number, RingWord.DROPS_SINCE_NS, self._statistics_ns)
                control.set_ring(number, RingWord.DROPS_UNTIL_NS, now_ns)
                control.set_ring(number, RingWord.DROPS, control.ring(number, RingWord.DROPS) + drops)
        self._statistics_ns = now_ns

    def note_clock(self, clocks_ns: int) -> None:
        """Count when this machine's clock was set: how far it is ahead of the one that never steps changes at once."""
        step_ms = abs(clocks_ns - self.clocks_ns) // 1_000_000
        self.clocks_ns = clocks_ns
        if step_ms >= _CLOCK_STEP_MS:
            self.control.add(Word.CLOCK_STEPS, 1)
            self.control.set(Word.CLOCK_STEP_MS, max(step_ms, self.control.get(Word.CLOCK_STEP_MS)))

    def _look_at_ports(self) -> None:
        """An interface that appears, or was made anew (a cable adapter, a virtual one), needs a new ring."""
        for place, port in enumerate(self.ports):
            index = index_of(port.name)
            port.up = index == port.index != 0
            if not index or port.up:
                continue
            try:
                new = open_port(port.name, port.number, blocks=port.blocks, incoming_only=self.options.incoming_only)
            except OSError:
                continue  # it has only just appeared: again in a second
            self.ports[place] = new
            self.control.set_ring(new.number, RingWord.BLOCKS, new.blocks)
            self.sniffer.end(_CHILD_SECONDS)  # it still takes what the old ring holds
            port.socket.close()
            self.poison.ports_changed()
            self._arguments()

    def _look_at_listeners(self) -> None:
        """An address that comes to this machine later (a floating one) is listened on then."""
        opened = [one for one in self.listeners if one.open()]
        if opened:
            self.sniffer.end(_CHILD_SECONDS)
            self._arguments()

    def _write_status(self) -> None:
        write_status(self.session.path, self.boot, self.control, self.ports, (self.sniffer, self.signalling))


def open_ports(options: argparse.Namespace) -> list[Port]:
    """A ring for each interface; one that is not there is waited for, as the calls that are open must come to their
    end without it, too. Raises PermissionError, InterfaceUnfit, OSError."""
    blocks = max(1, options.ring_megabytes) * (1 << 20) // BLOCK_BYTES
    return [
        open_port(name, number, blocks=blocks, incoming_only=options.incoming_only)
        for number, name in enumerate(options.interface)
    ]


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m worker.sniffer.holder", description="Record calls from network interfaces.", epilog=EPILOG
    )
    made.add_argument("--session", required=True, type=Path, help="folder of the spool session, made when missing")
    made.add_argument("--node", required=True, help="id of this node")
    made.add_argument("--interface", action="append", default=[], help="network interface; may be given again")
    made.add_argument("--user", default="", help="become this user when started as root (the owner of the folder)")
    made.add_argument("--keys", type=Path, help="folder in memory (tmpfs, ramfs) for the keys of sealed calls")
    made.add_argument("--cluster", default="", help="id of the cluster, handed to signalling")
    made.add_argument("--ring-megabytes", type=int, default=64, help="packet memory per interface (%(default)s)")
    made.add_argument("--streams", type=int, default=4096, help="most streams at a time (%(default)s)")
    made.add_argument("--with-parent", action="store_true", help="end when the process that started this one dies")
    made.add_argument("--incoming-only", action="store_true", help="leave out what this machine sends itself")
    hep = made.add_argument_group("HEP agents")
    hep.add_argument("--hep", action="append", default=[], type=address, help="address:port, for UDP and TCP")
    hep.add_argument("--hep-source", action="append", default=[], type=network, help="address or network that may send")
    return made


def open_listeners(options: argparse.Namespace) -> list[Listener]:
    """Where HEP agents are heard; an address that is not there (yet) is waited for."""
    listeners = [Listener(address, number) for number, address in enumerate(options.hep, len(options.interface))]
    for one in listeners:
        one.open()
        if one.fault:
            _say(f"HEP agents cannot be heard on {one.address} yet: {one.fault}.")
    return listeners


def _prepare(options: argparse.Namespace) -> tuple[list[Port], list[Listener]]:
    """Open the rings and the listeners' sockets, then give up root."""
    ports, listeners = open_ports(options), open_listeners(options)
    for port in ports:
        if not port.up:
            _say(f"There is no network interface {port.name}; its calls are recorded as soon as it appears.")
    with suppress(OSError):
        os.nice(_NICE)
    user = options.user or privileges.owner(options.session)
    if os.geteuid() == 0 and user:
        with suppress(OSError):  # while nothing is sealed, nobody misses it
            if options.keys:
                privileges.give(options.keys, user)
        privileges.become(user)
    if options.with_parent:
        privileges.die_with_parent()  # only now: a change of user clears it
    return ports, listeners


def _make_way(session: Session, options: argparse.Namespace) -> None:
    """What an earlier boot left sealed moves aside. Raises OSError, SpoolForeign, SpoolBusy."""
    if session.path.exists() and not session.runs.exists():
        return  # nothing was ever sealed
    # The one thing of the holder that needs a library, where it is needed: else it stays the standard library's.
    from recordings.pipeline.spool.making_way import make_way  # noqa: PLC0415 -- as said

    keys.use(options.keys)
    if moved := make_way(session, options.node):
        _say(f"What was recorded before the last start is sealed and waits for an unlock, in {moved}.")


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    made = parser()
    options = made.parse_args(arguments)
    if len(options.interface) > MAX_RINGS or len(set(options.interface)) < len(options.interface):
        made.error(f"at most {MAX_RINGS} interfaces, each once")
    if not (options.interface or options.hep):
        made.error("give an --interface, or an address for --hep")
    if len(options.hep) > MAX_LISTENERS or len(options.interface) + len(options.hep) > MAX_RINGS:
        made.error(f"at most {MAX_LISTENERS} addresses for HEP, and {MAX_RINGS} with the interfaces")
    os.umask(0o077)
    session = Session(options.session)
    try:
        ports, listeners = _prepare(options)
        _make_way(session, options)
        session.create(options.node)
        with session.lock("holder"):
            Holder(session, ports, options, listeners).run()
    except InterfaceUnfit as error:
        return _refuse(UNFIT, f"Calls cannot be recorded: {error}.")
    except PermissionError as error:
        return _refuse(NO_RIGHT, f"No right to capture packets: start as root or with CAP_NET_RAW ({error}).")
    except KeyError:
        return _refuse(USAGE, f"There is no user {options.user}.")
    except (SpoolBusy, SpoolForeign) as error:
        return _refuse(BUSY, f"Calls cannot be recorded: {error}.")
    except OSError as error:
        return _refuse(UNFIT, f"Calls cannot be recorded: {error}.")
    return OK


def _refuse(status: int, sentence: str) -> int:
    _say(sentence)
    return status


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
