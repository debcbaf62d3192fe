"""The classifier must come to the result that decoding each frame by itself comes to."""

import struct
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture import classify, flowkey, link
from recordings.pipeline.capture.batch import Batch
from recordings.pipeline.capture.beginnings import SIP_START
from recordings.pipeline.capture.frames import Datagram, DecodeError, Fragment, Frame, Segment
from recordings.pipeline.capture.write import ethernet_frame, ip_packet, udp_frame
from tests.samples.encapsulations import FAST, WRAPPED
from tests.samples.flows import rtp
from tests.samples.packets import ALICE, ALICE6, BOB, BOB6, MESSAGE, tcp_packet

INTEREST = classify.Interest((5060,), np.zeros(0, np.uint64))


def batch(frames: list[Frame]) -> Batch:
    """The frames, which are all of one link type, behind one another with a byte between them."""
    sizes = np.array([len(frame.data) for frame in frames], np.int64)
    return Batch(
        np.frombuffer(b"".join(b"\xff" + frame.data for frame in frames), np.uint8),
        frames[0].link,
        np.cumsum(sizes + 1) - sizes,
        sizes,
        np.array([frame.length for frame in frames], np.int64),
        np.array([frame.time_ns for frame in frames], np.int64),
        np.zeros(len(frames), np.int64),
        np.zeros(len(frames), np.uint32),
    )


@dataclass(frozen=True)
class Verdict:
    """What became of a frame: "rtp" with its key and bytes, "slow" or "dropped"."""

    kind: str
    key: bytes = b""
    packet: bytes = b""


def verdicts(frames: list[Frame], interest: classify.Interest = INTEREST) -> list[Verdict]:
    together = batch(frames)
    result = classify.classify(together, interest)
    found = [Verdict("dropped")] * len(frames)
    for row in result.slow.tolist():
        found[row] = Verdict("slow")
    packets = result.packets
    for place, row in enumerate(packets.row.tolist()):
        begin, size = int(packets.start[place]), int(packets.length[place])
        found[row] = Verdict("rtp", packets.key[place].tobytes(), packets.data[begin : begin + size].tobytes())
    dropped = sum(one.kind == "dropped" for one in found)
    assert dropped == result.rtcp + result.other
    return found


def check(frame: Frame, verdict: Verdict) -> None:
    """The verdict fits what decoding says."""
    if verdict.kind == "slow":
        return
    try:
        decoded = link.decode(frame)
    except DecodeError:
        assert verdict.kind == "dropped"
        return
    if isinstance(decoded, Fragment):
        assert verdict.kind == "dropped"
        assert decoded.protocol not in classify.CARRIERS
        return
    if verdict.kind == "rtp":
        assert isinstance(decoded, Datagram)
        assert (verdict.packet, decoded.missing) == (decoded.payload, 0)
        key = flowkey.pack(decoded.source, decoded.destination, decoded.encapsulation, decoded.vlan)
        assert verdict.key == key
    elif isinstance(decoded, Datagram):
        assert not SIP_START.match(decoded.payload)
        assert decoded.payload[:1] < b"\x80" or decoded.payload[1] in classify.RTCP_TYPES or _too_short(decoded.payload)
    elif isinstance(decoded, Segment):
        assert not SIP_START.match(decoded.payload)


def _too_short(payload: bytes) -> bool:
    return payload[0] >> 6 != 2 or len(payload) < 12 + 4 * (payload[0] & 15)


RTP = rtp(7, payload=b"speech" * 20)
FRAMES = {
    "plain": udp_frame(ALICE, BOB, RTP),
    "IPv6": udp_frame(ALICE6, BOB6, RTP),
    "tagged": udp_frame(ALICE, BOB, RTP, (7,)),
    "tagged IPv6": udp_frame(ALICE6, BOB6, RTP, (0,)),
    "tagged twice": udp_frame(ALICE, BOB, RTP, (7, 4095)),
    "RTCP": udp_frame(ALICE, BOB, b"\x80\xc8" + bytes(26)),
    "SIP": udp_frame(ALICE, BOB, MESSAGE),
    "SIP elsewhere": udp_frame("192.0.2.1:7000", "192.0.2.2:7000", MESSAGE),
    "DNS": udp_frame("192.0.2.1:53", "192.0.2.2:7000", b"\x12\x34" + bytes(30)),
    "text": udp_frame("192.0.2.1:514", "192.0.2.2:514", b"a line of some log with sip: in it"),
    "short": udp_frame("192.0.2.1:514", "192.0.2.2:514", b"x"),
    "VXLAN": udp_frame("192.0.2.1:5000", "192.0.2.2:4789", b"\x08" + bytes(7) + udp_frame(ALICE, BOB, RTP)),
    "RTP on a tunnel's port": udp_frame("192.0.2.1:5000", "192.0.2.2:4789", RTP),
    "TCP": ethernet_frame(tcp_packet("192.0.2.1:443", "192.0.2.2:50000", 1, 16, b"\x17\3\3" + bytes(40))),
    "SIP over TCP": ethernet_frame(tcp_packet("192.0.2.1:443", "192.0.2.2:50000", 1, 16, MESSAGE)),
    "ICMP": ethernet_frame(ip_packet(bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2]), 1, bytes(40))),
    "merged": udp_frame("192.0.2.1:4000", "192.0.2.2:4000", rtp(65535) + rtp(0) + rtp(1)),
    "large": udp_frame("192.0.2.1:4000", "192.0.2.2:4000", rtp(1, payload=bytes(1188))),
    **{name: data for name, (_, data) in WRAPPED.items()},
    "ARP": b"\xff" * 12 + b"\x08\x06" + bytes(46),
}
KINDS = {
    **dict.fromkeys(["plain", "IPv6", "tagged", "tagged IPv6", "tagged twice", "VXLAN", "large"], "rtp"),
    **dict.fromkeys(["SIP", "SIP elsewhere", "RTP on a tunnel's port", "merged", "SIP over TCP", "ARP"], "slow"),
    **dict.fromkeys(FAST, "rtp"),
    **dict.fromkeys(set(WRAPPED) - FAST, "slow"),
    **dict.fromkeys(["RTCP", "DNS", "text", "short", "TCP", "ICMP"], "dropped"),
}


def framed(data: bytes, *, cut: int = 0, kind: int = 1) -> Frame:
    return Frame(5, kind, data[: max(0, len(data) - cut)], len(data))


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_goes_where_it_belongs(name: str) -> None:
    frame = framed(FRAMES[name] + bytes(max(0, 60 - len(FRAMES[name]))))
    [verdict] = verdicts([frame])
    assert verdict.kind == KINDS[name]
    check(frame, verdict)


@pytest.mark.parametrize(
    ("kind", "head"), [(101, b""), (228, b""), (113, bytes(14) + b"\x08\0"), (276, b"\x08\0" + bytes(18))]
)
def test_other_links_are_taken_too(kind: int, head: bytes) -> None:
    frame = framed(head + FRAMES["plain"][14:], kind=kind)
    [verdict] = verdicts([frame])
    assert (verdict.kind, verdict.packet) == ("rtp", RTP)
    check(frame, verdict)


@pytest.mark.parametrize("cut", [1, 100, 130, 150, 160, 170])
def test_a_frame_cut_by_the_snapshot_length_is_looked_at_closer(cut: int) -> None:
    assert [one.kind for one in verdicts([framed(FRAMES["plain"], cut=cut)])] == ["slow"]


def test_an_outer_tag_from_the_kernel_counts_as_one_in_the_frame() -> None:
    plain, tagged = batch([framed(FRAMES["plain"])]), batch([framed(FRAMES["tagged"])])
    tag = np.array([0x8100 << 16 | 0x6005], np.uint32)  # priority 3, VLAN 5
    keys = []
    for one in (plain, tagged):
        with_tag = Batch(one.data, 1, one.offsets, one.caplens, one.lengths, one.time_ns, one.interfaces, tag)
        keys.append(classify.classify(with_tag, INTEREST).packets.key.tobytes())
        assert with_tag.frame(0).data[12:16] == b"\x81\0\x60\5"
        decoded = link.decode(with_tag.frame(0))
        assert isinstance(decoded, Datagram)
        assert keys[-1] == flowkey.pack(decoded.source, decoded.destination, "", decoded.vlan)
    assert keys == [flowkey.pack(ALICE, BOB, "", (5,)), flowkey.pack(ALICE, BOB, "", (5, 7))]


def test_a_connection_that_spoke_sip_is_followed_in_both_directions() -> None:
    key = np.frombuffer(flowkey.pack("192.0.2.1:443", "192.0.2.2:50000", "", ()), np.uint64).reshape(1, -1)
    interest = classify.Interest((5060,), flowkey.connection_keys(key))
    there = tcp_packet("192.0.2.1:443", "192.0.2.2:50000", 1, 16, b"\x17\3\3" + bytes(40))
    back = tcp_packet("192.0.2.2:50000", "192.0.2.1:443", 1, 16, b"\x17\3\3" + bytes(40))
    bare = tcp_packet("192.0.2.2:50000", "192.0.2.1:443", 1, 16, b"")
    frames = [framed(ethernet_frame(packet).ljust(60, b"\0")) for packet in (there, back, bare)]
    assert [one.kind for one in verdicts(frames, interest)] == ["slow", "slow", "dropped"]


@settings(deadline=None, max_examples=150)
@given(
    names=st.lists(st.sampled_from(sorted(FRAMES)), min_size=1, max_size=8),
    changes=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 130), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, 60),
)
def test_changed_frames_are_judged_as_decoding_judges_them(
    names: list[str], changes: list[tuple[int, int, int]], cut: int
) -> None:
    contents = [bytearray(FRAMES[name]) for name in names]
    for place, at, value in changes:
        content = contents[place % len(contents)]
        content[at % len(content)] = value
    frames = [framed(bytes(content), cut=cut if number == 0 else 0) for number, content in enumerate(contents)]
    for frame, verdict in zip(frames, verdicts(frames), strict=True):
        check(frame, verdict)


@settings(deadline=None, max_examples=150)
@given(
    contents=st.lists(st.binary(max_size=90), min_size=1, max_size=6),
    kind=st.sampled_from([0, 1, 12, 101, 113, 147, 276]),
)
def test_any_bytes_are_judged_as_decoding_judges_them(contents: list[bytes], kind: int) -> None:
    frames = [framed(content, kind=kind) for content in contents]
    for frame, verdict in zip(frames, verdicts(frames), strict=True):
        check(frame, verdict)


@given(
    hosts=st.sampled_from([("192.0.2.1", "198.51.100.7"), ("[2001:db8::1]", "[::]")]),
    ports=st.tuples(st.integers(0, 65535), st.integers(0, 65535)),
    vlan=st.lists(st.integers(0, 4095), max_size=2).map(tuple),
)
def test_a_flow_key_tells_what_it_was_made_from(
    hosts: tuple[str, str], ports: tuple[int, int], vlan: tuple[int, ...]
) -> None:
    source, destination = (f"{host}:{port}" for host, port in zip(hosts, ports, strict=True))
    host, port, other, other_port, word = flowkey.unpack(flowkey.pack(source, destination, "", vlan))
    assert (len(host), port, len(other), other_port) == (len(other), ports[0], len(host), ports[1])
    assert flowkey.tags(word) == vlan
    assert struct.calcsize("5Q") == flowkey.SIZE
