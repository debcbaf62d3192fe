"""RTP flows as Ethernet frames, for tests of capture; and what a spool session holds of them."""

import random
import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.write import udp_frame
from recordings.pipeline.spool.journal import Kind, Record
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.segments import JournalReader
from recordings.pipeline.spool.streams import StreamData, read_stream

START = 1_750_000_000_000_000_000
MS = 1_000_000
Flow = tuple[str, str]  # source, destination


@dataclass(frozen=True, slots=True)
class Sent:
    """One RTP packet on its way."""

    time_ns: int
    flow: Flow
    packet: bytes
    vlan: tuple[int, ...] = ()

    def frame(self) -> Frame:
        data = udp_frame(*self.flow, self.packet, self.vlan)
        return Frame(self.time_ns, 1, data, len(data))


def rtp(sequence: int, *, ssrc: int = 0x1234, kind: int = 0, payload: bytes = bytes(160)) -> bytes:
    head = struct.pack(">BBHII", 0x80, kind, sequence & 0xFFFF, 160 * sequence & 0xFFFFFFFF, ssrc)
    return head + payload


def flow(number: int) -> Flow:
    """Addresses that no other number has."""
    return f"192.0.2.{number % 200 + 1}:{10000 + 2 * number}", f"198.51.100.{number % 200 + 1}:{20000 + 2 * number}"


def talk(numbers: Iterable[int], packets: int, *, start_ns: int = START, seed: int = 7) -> list[Sent]:
    """`packets` packets of each flow, 20 ms apart, all bytes of each payload its own, in order of time."""
    chance = random.Random(seed)
    return [
        Sent(
            start_ns + index * 20 * MS + number * 1000,
            flow(number),
            rtp(60_000 + index, ssrc=0x1000 + number, payload=chance.randbytes(160)),
        )
        for index in range(packets)
        for number in numbers
    ]


def stored(session: Session) -> dict[Flow, list[StreamData]]:
    """All streams of a session by flow, oldest first."""
    found: dict[Flow, list[StreamData]] = {}
    for path in sorted(session.streams.glob("*.stream")):
        data = read_stream(path)
        found.setdefault((data.header.source, data.header.destination), []).append(data)
    for several in found.values():
        several.sort(key=lambda data: data.header.generation)
    return found


def packets(data: StreamData) -> list[bytes]:
    return [
        data.data[begin : begin + size]
        for begin, size in zip(data.offsets.tolist(), data.lengths.tolist(), strict=True)
    ]


def all_packets(session: Session) -> Counter[tuple[Flow, bytes]]:
    """How often each packet is stored."""
    return Counter(
        (flow, packet) for flow, several in stored(session).items() for data in several for packet in packets(data)
    )


def journal(session: Session, *kinds: Kind) -> list[Record]:
    """The journal's records of these kinds, or all."""
    return [record for record in JournalReader(session.journal).read() if not kinds or record.kind in kinds]
