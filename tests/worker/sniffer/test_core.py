"""The sniffer's core over capture files: the same streams and packets as one packet after the other would give."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.write import ethernet_frame, udp_frame, write_pcap
from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.policy import Policy, write_policy
from recordings.pipeline.spool.streams import CUT, read_stream
from tests.samples import reference_sniffer as reference
from tests.samples.flows import MS, START, Sent, flow, journal, packets, rtp, stored, talk
from tests.samples.packets import fragments, tcp_packet
from worker.sniffer import offline

FLOWS = [
    ("192.0.2.1:4000", "198.51.100.1:5000"),
    ("198.51.100.1:5000", "192.0.2.1:4000"),
    ("192.0.2.1:4002", "198.51.100.1:5000"),
    ("[2001:db8::1]:4000", "[2001:db8::2]:5000"),
]
WRAPPINGS = ["", "", "tag", "two tags", "vxlan", "fragments", "vxlan in a tag"]
OTHER = [b"\x12\x34" + bytes(20), b"\x80\xc8" + bytes(26), b"OPTIONS sip:a@b SIP/2.0\r\n\r\n", b"\x80\x00short"]


def session_of(folder: Path, frames: list[Frame]) -> Session:
    """The frames as a file, read into a new session."""
    capture = folder / "capture.pcap"
    with capture.open("wb") as file:
        write_pcap(file, frames)
    session = Session(folder / "session")
    session.create("n1")
    outcome = offline.run(session, "n1", capture, max_size=1 << 30)
    assert (outcome.packets, outcome.fault) == (len(frames), "")
    return session


def wrap(sent: Sent, wrapping: str) -> list[bytes]:
    """The frames in which a packet goes over the wire."""
    inner = udp_frame(*sent.flow, sent.packet, {"tag": (7,), "two tags": (7, 8)}.get(wrapping, ()))
    if "vxlan" in wrapping:
        tunnel = b"\x08" + bytes(7) + inner
        return [udp_frame("203.0.113.1:9999", "203.0.113.2:4789", tunnel, (9,) if "tag" in wrapping else ())]
    if wrapping == "fragments" and len(sent.packet) > 40:
        number = random.Random(sent.packet).randrange(65536)
        return [inner[:14] + piece for piece in fragments(inner[14:], 40, identification=number)]
    return [inner]


@st.composite
def traffic(draw: st.DrawFn) -> list[Frame]:
    """Several flows with all that flows do, mixed by time with things that are no streams."""
    timed: list[tuple[int, bytes]] = []
    for number in range(draw(st.integers(1, 5))):
        ends, wrapping = draw(st.sampled_from(FLOWS)), draw(st.sampled_from(WRAPPINGS))
        time_ns = START + draw(st.integers(0, 3000)) * MS + number
        sequence, ssrc = draw(st.integers(0, 65535)), draw(st.integers(0, 3))
        for _ in range(draw(st.integers(1, 12))):
            kind, size = draw(st.sampled_from([0, 0, 13, 96, 101])), draw(st.sampled_from([0, 1, 60, 160]))
            sent = Sent(time_ns, ends, rtp(sequence, ssrc=ssrc, kind=kind, payload=bytes([sequence & 255]) * size))
            timed += [(time_ns, data) for data in wrap(sent, wrapping)]
            sequence = (sequence + draw(st.sampled_from([1, 1, 1, 1, 0, 2, 65535, 40, 5000]))) & 0xFFFF
            ssrc = draw(st.sampled_from([ssrc] * 9 + [ssrc + 1]))
            time_ns += draw(st.sampled_from([20] * 12 + [0, 300, 19_000, 25_000, 61_000])) * MS
    for _ in range(draw(st.integers(0, 4))):
        noise = udp_frame(*draw(st.sampled_from(FLOWS)), draw(st.sampled_from(OTHER)))
        timed.append((START + draw(st.integers(0, 3000)) * MS, noise))
    timed.sort(key=lambda one: one[0])
    return [Frame(time_ns, 1, data, len(data)) for time_ns, data in timed]


@settings(deadline=None, max_examples=60)
@given(frames=traffic())
def test_streams_are_those_of_the_reference(tmp_path_factory: pytest.TempPathFactory, frames: list[Frame]) -> None:
    session = session_of(tmp_path_factory.mktemp("core"), frames)
    found = []
    for path in session.streams.glob("*.stream"):
        data = read_stream(path)
        assert (data.torn_bytes, data.flags.sum()) == (0, 0)
        head = data.header
        key = head.source, head.destination, head.encapsulation, head.vlan
        found.append((key, list(zip(data.time_ns.tolist(), packets(data), strict=True))))
    expected = reference.streams(frames)
    found.sort(key=lambda stream: (stream[0], stream[1][0][0]))
    assert [stream[0] for stream in found] == [stream[0] for stream in expected]
    for (_, one), (_, other) in zip(found, expected, strict=True):
        assert one == other


def test_all_packets_of_many_calls_are_stored_in_their_order(tmp_path: Path) -> None:
    sent = talk(range(300), 30)
    session = session_of(tmp_path, [one.frame() for one in sent])
    found = {ends: [packets(data) for data in several] for ends, several in stored(session).items()}
    assert found == {flow(n): [[one.packet for one in sent if one.flow == flow(n)]] for n in range(300)}
    times = {one.flow: one.time_ns // 1000 * 1000 for one in reversed(sent)}
    assert {ends: int(several[0].time_ns[0]) for ends, several in stored(session).items()} == times


def test_packets_of_every_size_up_to_the_largest_are_kept(tmp_path: Path) -> None:
    sizes = [0, 1, 5, 1000, 9000, 40_000, 65_000, 65_495, 65_495, 65_495, 65_495, 3]
    sent = [Sent(START + n * MS, flow(1), rtp(n, payload=bytes([n]) * size)) for n, size in enumerate(sizes)]
    [[data]] = stored(session_of(tmp_path, [one.frame() for one in sent])).values()
    assert packets(data) == [one.packet for one in sent]


def test_a_packet_cut_by_the_snapshot_length_is_kept_and_marked(tmp_path: Path) -> None:
    frames = [one.frame() for one in talk([1], 8)]
    cut = [Frame(one.time_ns, 1, one.data[:100], one.length) for one in frames]
    [[data]] = stored(session_of(tmp_path, frames[:4] + cut[4:])).values()
    assert data.flags.tolist() == [0] * 4 + [CUT] * 4
    assert data.lengths.tolist() == [172] * 4 + [58] * 4


def test_times_that_go_back_are_kept_as_they_are(tmp_path: Path) -> None:
    times = [START + offset * 10**9 for offset in (0, 1, 2, 3, -4, -3000, 4, 5)]
    frames = [Sent(time_ns, flow(1), rtp(n)).frame() for n, time_ns in enumerate(times)]
    [[data]] = stored(session_of(tmp_path, frames)).values()
    assert data.time_ns.tolist() == times


def test_the_journal_tells_of_a_stream_from_boot_to_end(tmp_path: Path) -> None:
    ends = FLOWS[0]
    sent = [Sent(START + n * 20 * MS, ends, rtp(n, ssrc=5 + n // 5, kind=8 * (n // 8))) for n in range(10)]
    session = session_of(tmp_path, [one.frame() for one in sent])
    boot, first, second, close, tick, end = [
        record
        for record in journal(session)
        if record.kind not in (Kind.SEGMENT, Kind.TICK) or record.number > len(journal(session)) - 2
    ]
    assert [record.kind.name for record in (boot, first, second, close, tick, end)] == [
        *("BOOT", "STREAM_OPEN", "STREAM_OPEN", "STREAM_CLOSE", "TICK", "END")
    ]
    name = stored(session)[ends][0].header.stream
    assert boot.facts() == {"boot": name.partition("-")[0], "node": "n1", "since_ns": None, "reason": "import"}
    opened = {"stream": name, "source": ends[0], "destination": ends[1], "payload_type": 0, "encapsulation": ""}
    opened |= {"vlan": [], "generation": 0, "first_ns": START}
    assert (first.facts(), first.time_ns) == ({**opened, "ssrc": 5}, START + 60 * MS)
    assert (second.facts(), second.time_ns) == ({**opened, "ssrc": 6}, START + 100 * MS)
    last = START + 180 * MS
    closed = {"stream": name, "packets": 10, "last_ns": last, "why": "end", "ssrcs": [5, 6], "payload_types": [0, 8]}
    assert close.facts() == closed
    assert tick.facts()["until_ns"] == last + 1
    assert end.facts() == {"until_ns": last + 1, "packets": 10, "fault": "", "truncated": False}


def test_sip_is_journalled_on_any_port_in_order_with_the_streams(tmp_path: Path) -> None:
    message = Sent(START + 50 * MS, ("192.0.2.9:7000", "192.0.2.8:7001"), b"BYE sip:a@b SIP/2.0\r\n\r\n")
    later = Sent(START + 70 * MS, message.flow, b"SIP/2.0 200 OK\r\n\r\n")
    sent = sorted([*talk([1], 8), message, later], key=lambda one: one.time_ns)
    session = session_of(tmp_path, [one.frame() for one in sent])
    told = [record for record in journal(session) if record.kind in (Kind.FRAME, Kind.STREAM_OPEN)]
    assert [record.kind for record in told] == [Kind.FRAME, Kind.STREAM_OPEN, Kind.FRAME]
    assert [told[0].frame(), told[2].frame()] == [message.frame(), later.frame()]


def test_all_frames_of_a_fragmented_message_are_journalled_once_it_is_whole(tmp_path: Path) -> None:
    message = udp_frame("192.0.2.1:5060", "192.0.2.2:5060", b"INVITE sip:a@b SIP/2.0\r\n" + b"X: y\r\n" * 30)
    pieces = [message[:14] + piece for piece in fragments(message[14:], 64)]
    frames = [Frame(START + n, 1, data, len(data)) for n, data in enumerate(pieces)]
    session = session_of(tmp_path, frames)
    assert [record.frame() for record in journal(session, Kind.FRAME)] == frames
    (tmp_path / "again").mkdir()
    assert journal(session_of(tmp_path / "again", frames[:-1]), Kind.FRAME) == []


def test_a_flow_silent_for_long_ends_and_begins_anew(tmp_path: Path) -> None:
    sent = talk([1], 5) + talk([1], 5, start_ns=START + 61 * 10**9, seed=8)
    session = session_of(tmp_path, [one.frame() for one in sent])
    [several] = stored(session).values()
    assert [data.header.generation for data in several] == [0, 1]
    assert [len(packets(data)) for data in several] == [5, 5]
    assert [record.facts()["why"] for record in journal(session, Kind.STREAM_CLOSE)] == ["idle", "end"]


def test_ticks_tell_who_fell_silent_and_who_speaks_again(tmp_path: Path) -> None:
    again = talk([1], 5, start_ns=START + 20 * 10**9)
    other = talk([2], 1500)
    sent = sorted([*talk([1], 5), *again, *other], key=lambda one: one.time_ns)
    session = session_of(tmp_path, [one.frame() for one in sent])
    ticks = [record.facts() for record in journal(session, Kind.TICK)]
    name = stored(session)[flow(1)][0].header.stream
    last = START + 80 * MS + 1000
    assert [fact for tick in ticks for fact in tick["idle"]] == [[name, last], [name, last + 20 * 10**9]]
    assert [stream for tick in ticks for stream in tick["active"]] == [name]
    assert ticks[-1]["rtp"] == 1510


def test_a_policy_that_records_nothing_stores_no_packet(tmp_path: Path) -> None:
    session = Session(tmp_path / "session")
    session.create("n1")
    write_policy(session.policy, Policy(number=3, record=False))
    capture = tmp_path / "capture.pcap"
    with capture.open("wb") as file:
        write_pcap(file, [one.frame() for one in talk([1], 50)])
    offline.run(session, "n1", capture, max_size=1 << 30)
    assert stored(session) == {}
    assert journal(session, Kind.STREAM_OPEN) == []


@pytest.mark.parametrize("over_tcp", [False, True])
def test_rtp_that_a_relay_hands_on_is_found(tmp_path: Path, over_tcp: bool) -> None:
    ends = ("192.0.2.1:50000", "198.51.100.1:3478")
    sent = [Sent(START + n * 20 * MS, ends, rtp(n, payload=bytes(range(61)))) for n in range(10)]
    frames = []
    for one in sent:
        channel = b"\x40\0" + len(one.packet).to_bytes(2) + one.packet
        padded = channel + bytes(-len(channel) % 4)
        wire = ethernet_frame(tcp_packet(*ends, 1, 16, padded)) if over_tcp else udp_frame(*ends, channel)
        frames.append(Frame(one.time_ns, 1, wire, len(wire)))
    [[data]] = stored(session_of(tmp_path, frames)).values()
    assert (data.header.encapsulation, packets(data)) == ("turn", [one.packet for one in sent])
