"""What is fuzzed: each target makes its bytes from a chance, and runs them. Any error but its own is a finding."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from recordings.pipeline.capture import flowkey
from recordings.pipeline.capture.batch import from_block
from recordings.pipeline.capture.classify import Interest, classify
from recordings.pipeline.capture.fragments import Reassembler
from recordings.pipeline.capture.frames import CaptureError, Datagram, DecodeError, Fragment, Frame, Segment
from recordings.pipeline.capture.link import decode
from recordings.pipeline.capture.pcap import read_blocks, read_frames
from recordings.pipeline.capture.write import write_pcap
from recordings.pipeline.media.sdes import SdesError, parse_crypto
from recordings.pipeline.media.srtp import open_all
from recordings.pipeline.signalling import bodies, sdp, sip
from recordings.pipeline.signalling.tcp import Connections
from recordings.pipeline.signalling.wire import Wire
from tests.fuzz import chain, corpus, mutate
from tests.fuzz.mutate import Chance
from tests.samples.capture_files import pcap, pcapng
from tests.samples.encapsulations import WRAPPED
from tests.samples.srtp import SIZES, Phone
from tests.samples.websocket import AGREE, ASK, ws_frame

_WRAPPED = [data for _, data in WRAPPED.values()]
LONG_NS = 600 * 10**9


@dataclass(frozen=True, slots=True)
class Target:
    """`make` gives the bytes of one case, `run` takes them and raises when something is wrong."""

    name: str
    make: Callable[[Chance], bytes]
    run: Callable[[bytes], None]


def _picked(chance: Chance) -> list[Frame]:
    return list(chance.choice(corpus.samples()))


def _capture(chance: Chance) -> bytes:
    """A file in some dialect with its bytes damaged."""
    frames = _picked(chance)[: chance.choice((3, 40, 300))]
    link = frames[0].link
    plain = [frame for frame in frames if frame.link == link]
    kinds = [pcap(plain, order=order, kind=kind, link=link) for order in "<>" for kind in ("micro", "nano", "modified")]
    data = chance.choice([*kinds, *(pcapng(plain, order=order, link=link) for order in "<>")])
    for _ in range(chance.randint(1, 3)):
        change = chance.choice((mutate.flip, lambda c, d: mutate.slices(c, d, d)))
        data = change(chance, data)
    return data


def _read(data: bytes) -> None:
    try:
        for _ in read_frames(io.BytesIO(data), max_size=256 << 20):
            pass
    except CaptureError as error:
        if "\n" in str(error) or len(str(error)) > 400:
            raise AssertionError(f"not one sentence: {error}") from error


def packed(frames: Iterable[Frame]) -> bytes:
    """A pcap file of those frames that have the first one's link type; their times must fit into it."""
    content = list(frames)
    stream = io.BytesIO()
    if content:
        link = content[0].link
        write_pcap(stream, [frame for frame in content if frame.link == link], link=link)
    return stream.getvalue()


def _damaged(chance: Chance) -> bytes:
    return packed(mutate.frames(chance, _picked(chance), _picked(chance)))


def _frames(data: bytes) -> Iterable[Frame]:
    return read_frames(io.BytesIO(data)) if data else ()


def _decode(data: bytes) -> None:
    reassembler, connections = Reassembler(max_bytes=1 << 20), Connections()
    for number, frame in enumerate(_frames(data)):
        try:
            found = decode(frame)
            if isinstance(found, Fragment):
                reassembler.add(frame, found)
            elif isinstance(found, Segment):
                connections.feed(found, number)
        except DecodeError:
            continue
    connections.pending(0)
    connections.flush()


def _wrapped(chance: Chance) -> bytes:
    """Frames in tunnels, some with a few of their bytes changed."""
    found = []
    for number in range(chance.choice((1, 4, 40))):
        data = bytearray(chance.choice(_WRAPPED))
        for _ in range(chance.choice((0, 0, 1, 2, 9))):
            data[chance.randrange(len(data))] = chance.choice(
                (0, 1, 4, 6, 8, 0x45, 0x60, 0x80, 0xFF, chance.randrange(256))
            )
        kept = len(data) - chance.choice((0, 0, 0, 1, chance.randrange(len(data))))
        found.append(Frame(number * 1000, 1, bytes(data[:kept]), len(data)))
    return packed(found)


def _block(data: bytes) -> None:
    """What the classifier takes for RTP, decoding must find too, with the same key."""
    for block in read_blocks(io.BytesIO(data)) if data else ():
        batch = from_block(block)
        packets = classify(batch, Interest((5060,), np.zeros(0, np.uint64))).packets
        for at, row in enumerate(packets.row.tolist()):
            found = decode(batch.frame(row))
            begin, size = int(packets.start[at]), int(packets.length[at])
            if not isinstance(found, Datagram) or found.payload != packets.data[begin : begin + size].tobytes():
                raise AssertionError(f"row {row} is RTP for the classifier alone")
            if (
                flowkey.pack(found.source, found.destination, found.encapsulation, found.vlan)
                != packets.key[at].tobytes()
            ):
                raise AssertionError(f"row {row} has another key for the classifier")


def _wire(data: bytes) -> None:
    wire = Wire()
    for number, frame in enumerate(_frames(data), 1):
        wire.feed(number, frame)
        wire.pending(frame.time_ns)
    wire.flush(1 << 30, 0)


_HOSTS = ("192.0.2.1", "192.0.2.2")
_MESSAGES = [data for _, _, data in corpus.messages("call@192.0.2.1", _HOSTS, 4000)]


def _message(chance: Chance) -> bytes:
    data = chance.choice(_MESSAGES)
    for _ in range(chance.randint(1, 3)):
        data = chance.choice((mutate.text, mutate.flip, mutate.session))(chance, data)
    return data


def _socket(chance: Chance) -> bytes:
    """One direction of a WebSocket connection, damaged."""
    mask = chance.randbytes(4) if chance.randrange(2) else b""
    frames = [ws_frame(chance.choice(_MESSAGES), mask=mask, flags=chance.choice((0, 0, 0x40))) for _ in range(4)]
    data = chance.choice((ASK, AGREE, b"")) + b"".join(frames)
    return mutate.flip(chance, data) if chance.randrange(4) else mutate.slices(chance, data, data)


def _framed(data: bytes) -> None:
    connections, at = Connections(), 0
    for number, size in enumerate((1, 700, 3, 1400, 200, 1, 50_000, 1 << 20), 1):
        piece = Segment(0, "192.0.2.1:5060", "192.0.2.2:5060", at, 0, 16, data[at : at + size])
        connections.feed(piece, number)
        at += size
    connections.pending(1 << 50)
    connections.flush()


def _secret(chance: Chance) -> bytes:
    """A crypto line and a packet sealed by it, both damaged, with a line end between them."""
    phone = Phone(chance.choice(sorted(SIZES)), chance.randrange(9), chance.choice((b"", b"\1")))
    packet = phone.seal(b"\x80\0" + chance.randbytes(10) + bytes(chance.choice((0, 1, 160))))
    line = phone.line.encode()
    if chance.randrange(2):
        line = mutate.flip(chance, line)[:3000].replace(b"\n", b"")
    return line + b"\n" + (mutate.flip(chance, packet)[:3000] if chance.randrange(2) else packet)


def _opened(data: bytes) -> None:
    line, _, packet = data.partition(b"\n")
    text = line.decode("latin-1")
    try:
        keys = parse_crypto(text)
    except SdesError:
        keys = []
    sizes = np.array([len(packet)], np.int64)
    _, _, lengths, opening = open_all(packet, sizes - len(packet), sizes, [text])
    if int(lengths[0]) > len(packet) or (opening.opened and not keys):
        raise AssertionError("a packet was opened by no key, or has grown")


def _sip(data: bytes) -> None:
    sip.looks_like_sip(data)
    try:
        message = sip.parse(data)
    except sip.SipError:
        return
    _ = (message.transaction, bodies.session(message), bodies.digits(message))


def _description(chance: Chance) -> bytes:
    return mutate.session(chance, _MESSAGES[0].partition(b"\r\n\r\n")[2])


def _sdp(data: bytes) -> None:
    try:
        sdp.parse(data)
    except sdp.SdpError:
        return


def _call(chance: Chance) -> bytes:
    """A damaged capture with an undamaged call in the middle of it."""
    first = _picked(chance)
    while first[0].link != 1:
        first = _picked(chance)
    other = _picked(chance)
    while max(item.time_ns for item in other) - other[0].time_ns > LONG_NS:
        other = _picked(chance)
    damaged = mutate.frames(chance, first, other)
    times = sorted(item.time_ns for item in first)
    if times[-1] - times[0] < LONG_NS:
        return packed(chain.with_canary(damaged, times[len(times) // 2]))
    # It has years without a frame in it, as several captures in one: the call comes before all of them.
    return packed([*chain.with_canary((), max(0, times[0] - LONG_NS)), *damaged])


def _file(chance: Chance) -> bytes:
    data = packed(_picked(chance))
    return mutate.flip(chance, data) if chance.randrange(2) else mutate.slices(chance, data, data)


TARGETS = {
    target.name: target
    for target in (
        Target("reader", _capture, _read),
        Target("link", _damaged, _decode),
        Target("block", _wrapped, _block),
        Target("wire", _damaged, _wire),
        Target("socket", _socket, _framed),
        Target("srtp", _secret, _opened),
        Target("sip", _message, _sip),
        Target("sdp", _description, _sdp),
        Target("call", _call, chain.with_a_whole_call),
        Target("file", _file, chain.anything),
    )
}
