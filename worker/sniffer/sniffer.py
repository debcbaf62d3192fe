"""The one reader of the holder's rings: `python -m worker.sniffer.sniffer`, started by the holder only."""

import argparse
import errno
import io
import signal
import sys
import threading
import time
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path

from apresa.shared.files import sync_volume
from recordings.pipeline.capture.write import write_pcap
from recordings.pipeline.spool import keys
from recordings.pipeline.spool.errors import SpoolBusy
from recordings.pipeline.spool.layout import Session
from worker.sniffer import arena, privileges
from worker.sniffer.core import Core
from worker.sniffer.files import Identity
from worker.sniffer.hep_listener import HepListener, ListenSource, Networks, write_listeners
from worker.sniffer.limits import raise_file_limit
from worker.sniffer.ring import BrokenBlock, Ring, Rings, RingSource
from worker.sniffer.shared import RingWord, Word

_TICK_S, _IDLE_TICK_S, _IDLE_AFTER_S = 0.25, 1.0, 5.0
_LATE_NS = (
    200_000_000  # the kernel hands on a block that is not full after at most twice RETIRE_MS, and its timer is late
)
_REORDER_NS = 2_000_000
_TURN_BLOCKS = 16
_SYNC_S = 1.0
_DRAIN_S = 0.25
_LOCK_SECONDS = 10.0


class Sniffer:
    """Takes blocks from the rings as they come, ticks, and ends politely."""

    def __init__(
        self,
        core: Core,
        rings: list[Ring],
        folder: Path,
        listen: Sequence[ListenSource] = (),
        allowed: Networks = (),
    ) -> None:
        self.core = core
        self.control = core.control
        self.rings = Rings(rings)
        self.listeners = [HepListener(source, allowed, core.control, self.rings) for source in listen]
        self.folder = folder
        self.stopping = threading.Event()
        self._next_tick = self._busy_until = 0.0
        self._packets = -1
        self._horizon = dict.fromkeys(range(len(rings) + len(self.listeners)), 0)

    def run(self) -> None:
        """Until SIGTERM; then what is in the rings is still taken."""
        while not self.stopping.is_set():
            if not self.turn():
                self.rings.wait(50)
        deadline = time.monotonic() + _DRAIN_S
        while self.turn() or time.monotonic() < deadline:
            self.rings.wait(20)
        self.core.tick(min(self._horizon.values(), default=0))
        for listener in self.listeners:
            listener.close()
        self.core.close()

    def turn(self) -> bool:
        """One round over the rings and, when it is time, a tick. False when there was nothing to do."""
        self.control.set(Word.HEARTBEAT, time.monotonic_ns())
        worked = False
        for place, ring in enumerate(self.rings.rings):
            for _ in range(_TURN_BLOCKS):
                asked_ns = time.time_ns()
                if not ring.ready():
                    self._horizon[place] = max(self._horizon[place], asked_ns - _LATE_NS)
                    break
                self._block(place, ring)
                self._horizon[place] = max(self._horizon[place], ring.last_ns - _REORDER_NS)
                worked = True
        worked |= self._listen() and not self.stopping.is_set()  # agents may never pause; what they send then waits
        if time.monotonic() >= self._next_tick:
            self.tick()
        return worked

    def _listen(self) -> bool:
        """What HEP agents have sent; True when they may have more."""
        heard = False
        for place, listener in enumerate(self.listeners, len(self.rings.rings)):
            asked_ns = time.time_ns()
            batch = listener.batch()
            if batch is not None:
                heard = True
                self.core.feed(batch)
                self.core.chronicle.flush()
            self._horizon[place] = max(self._horizon[place], asked_ns)
        return heard

    def _block(self, place: int, ring: Ring) -> None:
        number, sequence = ring.source.number, ring.sequence() + 1
        self.control.set_ring(number, RingWord.BLOCK, sequence)
        try:
            if self.control.ring(number, RingWord.SKIP) == sequence:
                self._put_aside(ring, sequence)
            else:
                self.core.feed(ring.batch())
                self.core.chronicle.flush()
        except BrokenBlock:
            self.core.hole(self._horizon[place], time.time_ns(), 0, "ring")
        ring.release()
        self.control.set_ring(number, RingWord.BLOCK, 0)

    def _put_aside(self, ring: Ring, sequence: int) -> None:
        """Two sniffers died of this block: its frames go to a capture file for people, unread."""
        batch = ring.batch()
        frames = [batch.frame(row) for row in range(len(batch))]
        content = io.BytesIO()
        write_pcap(content, frames)
        path = self.folder / f"poison-{self.core.identity.boot}-{sequence}.pcap"
        try:
            self.core.files.sealing.write(path, content.getvalue())
        except OSError as error:
            self.control.set(Word.DISK_ERROR, error.errno or errno.EIO)
        if frames:
            self.core.hole(frames[0].time_ns, frames[-1].time_ns, len(frames), "poison")

    def tick(self) -> None:
        """Tell what is on disk, and what the kernel dropped."""
        self._report_drops()
        for ring in self.rings.rings:
            self.control.set_ring(ring.source.number, RingWord.WAITING, ring.waiting())
        if self.listeners:
            write_listeners(self.folder, self.listeners)
        self.core.tick(min(self._horizon.values(), default=0))
        packets, streams = self.control.get(Word.PACKETS), self.control.get(Word.OPEN)
        now = time.monotonic()
        if packets != self._packets:
            self._packets, self._busy_until = packets, now + _IDLE_AFTER_S
        if now > self._busy_until:
            self._next_tick = now + _IDLE_TICK_S
        else:  # each stream costs a write per tick
            self._next_tick = now + _TICK_S * (1 if streams < 1000 else 2 if streams < 4000 else 3)

    def _report_drops(self) -> None:
        for ring in self.rings.rings:
            number = ring.source.number
            drops = self.control.ring(number, RingWord.DROPS)
            more = drops - self.control.ring(number, RingWord.REPORTED)
            if more > 0:
                since = self.control.ring(number, RingWord.DROPS_SINCE_NS)
                until = self.control.ring(number, RingWord.DROPS_UNTIL_NS)
                self.core.hole(since, until, more, "ring")
                self.control.set_ring(number, RingWord.REPORTED, drops)
        for listener in self.listeners:
            number, now_ns = listener.source.number, time.time_ns()
            drops = self.control.ring(number, RingWord.DROPS)
            more = drops - self.control.ring(number, RingWord.REPORTED)
            if more > 0:
                since = self.control.ring(number, RingWord.DROPS_SINCE_NS) or now_ns
                self.core.hole(since, now_ns, more, "ring")
                self.control.set_ring(number, RingWord.REPORTED, drops)
            self.control.set_ring(number, RingWord.DROPS_SINCE_NS, now_ns)


def _sync_forever(folder: Path) -> None:
    """Bring the spool from the kernel's memory to the disk, about once a second, beside the capture."""
    while True:
        time.sleep(_SYNC_S)
        try:
            sync_volume(folder)
        except OSError:
            continue  # the next write fails too and is reported there


def _source(text: str) -> RingSource:
    return RingSource(*(int(part) for part in text.split(":")))


def _listen(text: str) -> ListenSource:
    udp, tcp, number, address = text.split(":", 3)
    return ListenSource(int(udp), int(tcp), int(number), address)


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m worker.sniffer.sniffer", description=__doc__)
    made.add_argument("--session", required=True, type=Path, help="folder of the spool session")
    made.add_argument("--node", required=True, help="id of this node")
    made.add_argument("--boot", required=True, help="id of the holder's run")
    made.add_argument("--arena", required=True, type=int, help="open file of the shared memory")
    made.add_argument("--streams", required=True, type=int, help="slots in the shared memory")
    made.add_argument("--keys", type=Path, help="folder in memory with the keys of sealed files")
    made.add_argument("--reason", default="start", help="why the holder was started, for the journal")
    made.add_argument("--ring", action="append", default=[], type=_source, help="open file:number:blocks:link type")
    made.add_argument(
        "--hep", action="append", default=[], type=_listen, help="open files of UDP and TCP:number:address"
    )
    made.add_argument("--hep-source", action="append", default=[], type=ip_network, help="who may send HEP")
    return made


def _run(options: argparse.Namespace, session: Session) -> None:
    memory = arena.shared(options.arena, options.streams)
    memory.control.add(Word.CHILDREN, 1)
    identity = Identity(options.node, options.boot, memory.control.get(Word.CHILDREN))
    core = Core(session, identity, memory)
    sniffer = Sniffer(core, [Ring(source) for source in options.ring], session.path, options.hep, options.hep_source)
    signal.signal(signal.SIGTERM, lambda *_: sniffer.stopping.set())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    core.begin(options.reason, time.time_ns())
    threading.Thread(target=_sync_forever, args=(session.path,), daemon=True).start()
    sniffer.run()


def main() -> int:
    """Run until SIGTERM."""
    options = _parser().parse_args()
    raise_file_limit()
    privileges.no_dumps()
    keys.use(options.keys)
    session = Session(options.session)
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:  # the sniffer of a holder that was killed still writes what it had
        try:
            with session.lock("sniffer"):
                _run(options, session)
                return 0
        except SpoolBusy:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
