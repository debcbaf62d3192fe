"""What the sniffer does, one packet after the other, after docs/spool.md: the yardstick for the fast one."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from recordings.pipeline.capture import link
from recordings.pipeline.capture.fragments import Reassembler
from recordings.pipeline.capture.frames import Datagram, DecodeError, Fragment, Frame

Key = tuple[str, str, str, tuple[int, ...]]
Packet = tuple[int, bytes]
PASS, PROBATION_NS, SILENCE_NS, TRIES = 4, 20 * 10**9, 60 * 10**9, 64
STEP_NS = 250_000_000


@dataclass
class Flow:
    """A flow on probation (`open` false) or a stream."""

    packets: list[Packet] = field(default_factory=list)
    last_ns: int = 0
    ssrc: int = -1
    sequence: int = 0
    run: int = 0
    open: bool = False


def datagrams(frames: Iterable[Frame]) -> Iterable[tuple[Frame, Datagram]]:
    reassembler = Reassembler()
    for frame in frames:
        try:
            decoded = link.decode(frame)
            if isinstance(decoded, Fragment):
                whole = reassembler.add(frame, decoded)
                decoded = whole.decoded if whole else None
        except DecodeError:
            continue
        if isinstance(decoded, Datagram):
            yield frame, decoded


def is_rtp(payload: bytes) -> bool:
    if len(payload) < 12 or payload[0] >> 6 != 2 or len(payload) < 12 + 4 * (payload[0] & 15):
        return False
    return not (192 <= payload[1] <= 195 or 200 <= payload[1] <= 213)


def streams(frames: list[Frame]) -> list[tuple[Key, list[Packet]]]:
    """Every stream with its packets (time in whole microseconds), in order of key and time."""
    flows: dict[Key, Flow] = {}
    done: list[tuple[Key, list[Packet]]] = []
    step, now = -1, 0
    for frame, datagram in datagrams(frames):
        latest = max(now, frame.time_ns)
        if step >= 0 and latest // STEP_NS > step:
            expire(flows, done, latest)
        step, now = latest // STEP_NS, latest
        if is_rtp(datagram.payload):
            key = datagram.source, datagram.destination, datagram.encapsulation, datagram.vlan
            take(flows.setdefault(key, Flow(last_ns=frame.time_ns)), frame.time_ns, datagram.payload)
    done += [(key, flow.packets) for key, flow in flows.items() if flow.open]
    return sorted(done, key=lambda stream: (stream[0], stream[1][0][0]))


def take(flow: Flow, time_ns: int, payload: bytes) -> None:
    flow.packets.append((time_ns // 1000 * 1000, payload))
    flow.last_ns = max(flow.last_ns, time_ns // 1000 * 1000)
    sequence, ssrc = int.from_bytes(payload[2:4]), int.from_bytes(payload[8:12])
    step = (sequence - flow.sequence) & 0xFFFF
    if flow.open or (flow.run and ssrc == flow.ssrc and step == 0):
        return
    follows = flow.run > 0 and ssrc == flow.ssrc and (step < 3000 or step > 65536 - 100)
    flow.run = flow.run + 1 if follows else 1
    flow.ssrc, flow.sequence = ssrc, sequence
    flow.open = flow.run >= PASS


def expire(flows: dict[Key, Flow], done: list[tuple[Key, list[Packet]]], now: int) -> None:
    for key, flow in list(flows.items()):
        if flow.open and flow.last_ns < now - SILENCE_NS:
            done.append((key, flow.packets))
            del flows[key]
        elif not flow.open and (flow.last_ns < now - PROBATION_NS or len(flow.packets) >= TRIES):
            del flows[key]
