"""What the fuzzer starts from: calls of our own making in many wrappings, and the reference captures when present."""

from collections.abc import Sequence
from functools import cache
from itertools import islice

from recordings.pipeline.capture.frames import CaptureError, Frame
from recordings.pipeline.capture.pcap import read_frames
from recordings.pipeline.capture.write import ethernet_frame, udp_frame
from recordings.pipeline.media.codecs.g711 import encode_ulaw
from tests.samples.packets import fragments, hep, hep3, tcp_packet
from tests.samples.shared import capture_files
from tests.samples.signalling import sdp, sip
from tests.samples.streams import rtp, speech

START = 1_700_000_000_000_000_000
MS = 1_000_000
CANARY = "canary@192.0.2.77"
CANARY_HOSTS = ("192.0.2.77", "192.0.2.78")
PACKETS = 60
MOST_FRAMES = 300
MOST_BYTES = 2 << 20


def messages(call_id: str, hosts: tuple[str, str], port: int) -> list[tuple[int, bool, bytes]]:
    """(milliseconds, from the caller, SIP message) of a whole call."""
    caller, callee = (f"<sip:{name}@{host}>" for name, host in zip(("100", "200"), hosts, strict=True))

    def headers(method: str, sequence: int, tagged: bool) -> dict[str, str]:
        return {
            "Via": f"SIP/2.0/UDP {hosts[0]}:5060;branch=z9hG4bK{method}{sequence}",
            "From": f'"Alice" {caller};tag=a{port}',
            "To": callee + (f";tag=b{port}" if tagged else ""),
            "Call-ID": call_id,
            "CSeq": f"{sequence} {method}",
        }

    offer, answer = (sdp(f"{host}:{port}", formats="0") for host in hosts)
    invite = sip("INVITE sip:200@example.com SIP/2.0", headers("INVITE", 1, False), offer)
    return [
        (0, True, invite),
        (20, False, sip("SIP/2.0 180 Ringing", headers("INVITE", 1, True))),
        (60, False, sip("SIP/2.0 200 OK", headers("INVITE", 1, True), answer)),
        (70, True, sip("ACK sip:200@example.com SIP/2.0", headers("ACK", 1, True))),
        (80 + 20 * PACKETS, True, sip("BYE sip:200@example.com SIP/2.0", headers("BYE", 2, True))),
        (90 + 20 * PACKETS, False, sip("SIP/2.0 200 OK", headers("BYE", 2, True))),
    ]


def media(hosts: tuple[str, str], port: int) -> list[tuple[int, bool, bytes]]:
    """(milliseconds, from the caller, RTP packet) of both sides."""
    heard = [encode_ulaw(speech(PACKETS / 50, seed=port + side)) for side in (0, 1)]
    return [
        (75 + 20 * index, forth, rtp(index, 160 * index, heard[forth][160 * index :][:160], port + forth))
        for index in range(PACKETS)
        for forth in (True, False)
    ]


def call(call_id: str, hosts: tuple[str, str], port: int) -> list[Frame]:
    """A call over UDP, in Ethernet."""
    ends = [(f"{host}:5060", f"{host}:{port}") for host in hosts]
    said = [(ms, forth, 0, data) for ms, forth, data in messages(call_id, hosts, port)]
    said += [(ms, forth, 1, data) for ms, forth, data in media(hosts, port)]
    said.sort(key=lambda item: item[0])
    return [
        frame(udp_frame(ends[not forth][kind], ends[forth][kind], data), START + ms * MS)
        for ms, forth, kind, data in said
    ]


def frame(data: bytes, time_ns: int) -> Frame:
    return Frame(time_ns, 1, data, len(data))


@cache
def canary() -> tuple[Frame, ...]:
    """The call that must come out whole whatever happens beside it."""
    return tuple(call(CANARY, CANARY_HOSTS, 7700))


@cache
def samples() -> tuple[tuple[Frame, ...], ...]:
    """Short captures as frames."""
    plain = call("call-1@198.51.100.1", ("198.51.100.1", "198.51.100.2"), 4000)
    found = [tuple(plain), tuple(call("call-6@2001:db8::1", ("[2001:db8::1]", "[2001:db8::2]"), 6000))]
    found += [tuple(_tcp()), tuple(_cut(plain)), tuple(_tagged(plain)), tuple(_relayed())]
    for path in capture_files():
        if path.stat().st_size <= MOST_BYTES:
            try:
                found.append(tuple(islice(read_frames(path), MOST_FRAMES)))
            except CaptureError:
                continue
    return tuple(item for item in found if item)


def _tcp() -> list[Frame]:
    hosts = ("198.51.100.5", "198.51.100.6")
    next_byte = {True: 1000, False: 9000}
    found = []
    for ms, forth, data in messages("tcp@198.51.100.5", hosts, 4400):
        ends = (f"{hosts[0]}:5060", f"{hosts[1]}:5060")[:: 1 if forth else -1]
        for at in range(0, len(data), 200):
            piece = data[at : at + 200]
            packet = tcp_packet(ends[0], ends[1], next_byte[forth], 24, piece)
            next_byte[forth] += len(piece)
            found.append(frame(ethernet_frame(packet), START + ms * MS + at))
    return found


def _cut(plain: Sequence[Frame]) -> list[Frame]:
    return [
        frame(ethernet_frame(piece), item.time_ns)
        for number, item in enumerate(plain[:40])
        for piece in fragments(item.data[14:], 96, identification=number)
    ]


def _tagged(plain: Sequence[Frame]) -> list[Frame]:
    return [frame(ethernet_frame(item.data[14:], (7, 8)), item.time_ns + 5) for item in plain]


def _relayed() -> list[Frame]:
    text = messages("hep@192.0.2.1", ("192.0.2.1", "192.0.2.2"), 5000)
    wrapped = [(ms, wrap) for ms, _, data in text for wrap in (hep3(data), hep(1, data), hep(2, data))]
    return [frame(udp_frame("198.51.100.9:9060", "198.51.100.8:9060", data), START + ms * MS) for ms, data in wrapped]
