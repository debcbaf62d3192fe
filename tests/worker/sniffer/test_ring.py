"""The packet ring and what reads it, on a virtual cable."""

import os
import random
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.pcap import read_frames
from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.layout import Session
from tests.samples.cable import laid, send, wait_for
from tests.samples.flows import all_packets, journal, talk
from worker.sniffer import arena, interfaces, shared
from worker.sniffer.core import Core
from worker.sniffer.files import Identity
from worker.sniffer.interfaces import BLOCK_BYTES, Port, open_port
from worker.sniffer.poison import Poison
from worker.sniffer.ring import Ring, RingSource
from worker.sniffer.shared import RingWord
from worker.sniffer.sniffer import Sniffer

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="making network interfaces and capturing from them needs root"),
]
BLOCKS = 16


@pytest.fixture
def cable() -> Iterator[tuple[str, str]]:
    with laid() as ends:
        yield ends


@pytest.fixture
def port(cable: tuple[str, str]) -> Iterator[Port]:
    opened = open_port(cable[0], 0, blocks=BLOCKS, incoming_only=False)
    yield opened
    opened.socket.close()


def ring_of(port: Port) -> Ring:
    """A reader as a new process has it: with a file descriptor of its own."""
    return Ring(RingSource(os.dup(port.socket.fileno()), port.number, port.blocks, port.link))


def frames(ring: Ring) -> list[Frame]:
    """All frames that are in full blocks."""
    found = []
    while ring.ready():
        batch = ring.batch()
        found += [batch.frame(row) for row in range(len(batch))]
        ring.release()
    return found


def collect(ring: Ring, count: int) -> list[Frame]:
    found: list[Frame] = []

    def complete() -> bool:
        found.extend(frames(ring))
        return len(found) >= count

    wait_for(complete)
    return found


def test_frames_come_as_they_were_sent_with_their_times(cable: tuple[str, str], port: Port) -> None:
    chance = random.Random(1)
    sent = [b"\2" * 12 + b"\x08\0" + chance.randbytes(size) for size in (0, 46, 100, 1400) for _ in range(100)]
    before = time.time_ns()
    with ring_of(port) as ring:
        send(cable[1], sent)
        got = collect(ring, len(sent))
    assert [frame.data for frame in got] == sent
    assert [frame.length for frame in got] == [len(data) for data in sent]
    times = [frame.time_ns for frame in got]
    assert times == sorted(times)
    assert before <= times[0] <= times[-1] <= time.time_ns()
    assert interfaces.statistics(port) == (len(sent), 0)


def test_what_is_not_for_us_stays_in_the_kernel(cable: tuple[str, str], port: Port) -> None:
    arp, ip = b"\xff" * 12 + b"\x08\x06" + bytes(46), b"\2" * 12 + b"\x08\0" + bytes(46)
    with ring_of(port) as ring:
        send(cable[1], [arp, ip, arp, ip])
        assert [frame.data for frame in collect(ring, 2)] == [ip, ip]


def test_a_payload_that_looks_like_frame_heads_is_not_taken_for_them(cable: tuple[str, str], port: Port) -> None:
    now = int(time.time())
    heads = np.array([48 | second << 32 for second in range(now - 1, now + 6)] * 20, "<u8").tobytes()
    sent = [b"\2" * 12 + b"\x08\0" + bytes(shift) + heads for shift in range(8) for _ in range(10)]
    with ring_of(port) as ring:
        send(cable[1], sent)
        assert [frame.data for frame in collect(ring, len(sent))] == sent


def test_a_reader_that_takes_over_begins_with_what_was_not_released(cable: tuple[str, str], port: Port) -> None:
    sent = [b"\2" * 12 + b"\x08\0" + number.to_bytes(2) + bytes(1400) for number in range(2000)]
    got: list[bytes] = []
    for part in range(0, len(sent), 500):
        send(cable[1], sent[part : part + 500])
        with ring_of(port) as ring:  # each reader takes a single block
            wait_for(ring.ready)
            batch = ring.batch()
            got += [batch.frame(row).data for row in range(len(batch))]
            ring.release()
    with ring_of(port) as ring:
        got += [frame.data for frame in collect(ring, len(sent) - len(got))]
    assert got == sent


def test_a_full_ring_is_counted_by_the_kernel(cable: tuple[str, str], port: Port) -> None:
    sent = [b"\2" * 12 + b"\x08\0" + bytes(1400)] * ((BLOCKS + 1) * BLOCK_BYTES // 1400)
    send(cable[1], sent)
    packets, drops = interfaces.statistics(port)
    with ring_of(port) as ring:
        assert packets == len(sent) == drops + len(collect(ring, packets - drops))
    assert drops > 0


@contextmanager
def sniffer_on(port: Port, session: Session, memory: int) -> Iterator[Sniffer]:
    with ring_of(port) as ring:
        core = Core(session, Identity("n1", "b", 1), arena.shared(memory, 64))
        core.begin("start", time.time_ns())
        yield Sniffer(core, [ring], session.path)


def test_a_block_that_killed_two_sniffers_is_put_aside(tmp_path: Path, cable: tuple[str, str], port: Port) -> None:
    session, memory = Session(tmp_path / "live"), shared.create(64)
    session.create("n1")
    control = shared.control_of(memory)
    poison = Poison(control, [port])
    first, second = ([one.frame().data for one in talk([number], 20)] for number in (1, 2))
    with ring_of(port) as ring:
        send(cable[1], first)
        wait_for(ring.ready)
        block = ring.sequence() + 1
    for _ in range(2):
        assert control.ring(0, RingWord.SKIP) == 0
        control.set_ring(0, RingWord.BLOCK, block)  # as a sniffer leaves it that died of the block
        poison.sniffer_died()
    with sniffer_on(port, session, memory) as sniffer:
        sniffer.turn()
        send(cable[1], second)
        sniffer.stopping.set()
        sniffer.run()
    [aside] = session.path.glob("poison-*.pcap")
    assert [frame.data for frame in read_frames(aside)] == first
    assert [record.facts()["reason"] for record in journal(session, Kind.HOLE)] == ["poison"]
    assert [record.facts()["packets"] for record in journal(session, Kind.HOLE)] == [20]
    assert [packet for _, packet in all_packets(session)] == [one.packet for one in talk([2], 20)]


def test_a_block_that_cannot_even_be_put_aside_is_let_go(cable: tuple[str, str], port: Port) -> None:
    control = shared.control_of(shared.create(64))
    poison = Poison(control, [port])
    with ring_of(port) as ring:
        send(cable[1], [b"\2" * 12 + b"\x08\0" + bytes(46)])
        wait_for(ring.ready)
        for _ in range(4):
            assert ring.ready()
            control.set_ring(0, RingWord.BLOCK, ring.sequence() + 1)
            poison.sniffer_died()
        assert not ring.ready()


def test_deaths_on_different_blocks_are_no_poison(port: Port) -> None:
    control = shared.control_of(shared.create(64))
    poison = Poison(control, [port])
    for block in (5, 6, 5, 6):
        control.set_ring(0, RingWord.BLOCK, block)
        poison.sniffer_died()
    assert control.ring(0, RingWord.SKIP) == 0


def test_drops_of_the_kernel_become_holes_in_the_journal(tmp_path: Path, port: Port) -> None:
    session, memory = Session(tmp_path / "live"), shared.create(64)
    session.create("n1")
    control = shared.control_of(memory)
    with sniffer_on(port, session, memory) as sniffer:
        for total, since, until in ((7, 100, 200), (7, 100, 200), (9, 300, 400)):
            control.set_ring(0, RingWord.DROPS, total)
            control.set_ring(0, RingWord.DROPS_SINCE_NS, since)
            control.set_ring(0, RingWord.DROPS_UNTIL_NS, until)
            sniffer.tick()
        sniffer.core.close()
    assert [record.facts() for record in journal(session, Kind.HOLE)] == [
        {"from_ns": 100, "to_ns": 200, "packets": 7, "reason": "ring"},
        {"from_ns": 300, "to_ns": 400, "packets": 2, "reason": "ring"},
    ]


class FillingRing(Ring):
    """Memory in which the kernel fills blocks 5 and 6 just when block 6 is looked at; it was filling 5 before."""

    def __init__(self) -> None:
        self.source = RingSource(-1, 0, 8, 1)
        self._memory = bytearray(8 * BLOCK_BYTES)  # type: ignore[assignment]
        for block in range(6):
            self._set(block, full=0, sequence=block + 1)

    def _set(self, block: int, *, full: int, sequence: int) -> None:
        struct.pack_into("=I", self._memory, block * BLOCK_BYTES + 8, full)
        struct.pack_into("=Q", self._memory, block * BLOCK_BYTES + 24, sequence)

    def _is_full(self, block: int) -> bool:
        if block == 6:
            self._set(5, full=1, sequence=6)
            self._set(6, full=1, sequence=7)
            self._set(7, full=0, sequence=8)
        return super()._is_full(block)


def test_a_block_that_fills_while_a_reader_begins_is_not_missed() -> None:
    assert FillingRing()._first() == 5
