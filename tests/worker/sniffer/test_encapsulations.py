"""What mirrors deliver, from the frame to the stream file and the journal: live and import have this path in common."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from recordings.pipeline.capture.classify import classify
from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.write import ethernet_frame, udp_frame
from recordings.pipeline.spool.journal import Kind
from tests.recordings.pipeline.capture.test_classify import INTEREST, batch
from tests.recordings.pipeline.capture.test_turn import PEER, channel, data, indication
from tests.samples.encapsulations import FAST, LISTENER, SPEAKER, TAGS, WRAPPED, wrapped
from tests.samples.flows import MS, START, Sent, flow, journal, packets, rtp, stored, talk
from tests.samples.packets import MESSAGE, fragments, tcp_packet
from tests.samples.websocket import BROWSER, SERVER, ws_frame
from tests.worker.sniffer.test_core import session_of

SPOKEN = [rtp(number, payload=bytes([number]) * 160) for number in range(12)]
ENDS = dict.fromkeys(WRAPPED, (SPEAKER, LISTENER))
ENDS |= {name: ("[2001:db8::1]:4000", "[2001:db8::2]:6000") for name in WRAPPED if "IPv6" in name}
ENDS |= dict.fromkeys(("GRE over IPv6", "IPv4 in IPv6"), (SPEAKER, LISTENER))
ENDS |= dict.fromkeys(("HEP 2", "HEP 3"), ("192.0.2.1:5060", "192.0.2.2:5062"))


def frames(name: str, payloads: list[bytes], *, step_ns: int = 20 * MS) -> list[Frame]:
    contents = [wrapped(payload)[name][1] for payload in payloads]
    return [Frame(START + number * step_ns, 1, data, len(data)) for number, data in enumerate(contents)]


@pytest.mark.parametrize("name", WRAPPED)
def test_a_stream_comes_whole_out_of_every_wrapping(tmp_path: Path, name: str) -> None:
    found = stored(session_of(tmp_path, frames(name, SPOKEN)))
    assert list(found) == [ENDS[name]]
    [stream] = found[ENDS[name]]
    assert (packets(stream), stream.header.encapsulation) == (SPOKEN, WRAPPED[name][0])
    assert stream.header.vlan == TAGS.get(name, ())


@pytest.mark.parametrize("name", WRAPPED)
def test_a_sip_message_comes_out_of_every_wrapping(tmp_path: Path, name: str) -> None:
    [frame] = frames(name, [MESSAGE])
    assert [record.frame().data for record in journal(session_of(tmp_path, [frame]), Kind.FRAME)] == [frame.data]


@pytest.mark.parametrize("name", sorted(FAST))
def test_a_stream_in_a_tunnel_that_goes_both_ways_through_the_classifier_stays_one(tmp_path: Path, name: str) -> None:
    """Half of its packets are cut by the snapshot length, and so looked at one by one."""
    whole = frames(name, SPOKEN)
    mixed = [replace(one, data=one.data[: len(one.data) - 5 * (number % 2)]) for number, one in enumerate(whole)]
    [[stream]] = stored(session_of(tmp_path, mixed)).values()
    assert stream.lengths.tolist() == [172, 167] * 6


@pytest.mark.parametrize("name", ["GRE", "ERSPAN II", "VXLAN", "GTP-U", "IP in IP"])
def test_a_tunnel_packet_that_came_in_fragments_is_put_together(tmp_path: Path, name: str) -> None:
    pieces = [
        (frame.time_ns, frame.data[:14] + piece)
        for number, frame in enumerate(frames(name, SPOKEN))
        for piece in fragments(frame.data[14:], 96, identification=number)
    ]
    session = session_of(tmp_path, [Frame(time_ns, 1, data, len(data)) for time_ns, data in pieces])
    [[stream]] = stored(session).values()
    assert (packets(stream), stream.header.encapsulation) == (SPOKEN, WRAPPED[name][0])


def test_packets_that_receive_offload_merged_are_stored_one_by_one(tmp_path: Path) -> None:
    joined = [b"".join(SPOKEN[at : at + 3]) for at in range(0, 12, 3)]
    contents = [udp_frame(SPEAKER, LISTENER, payload) for payload in joined]
    session = session_of(tmp_path, [Frame(START + n * MS, 1, data, len(data)) for n, data in enumerate(contents)])
    [[stream]] = stored(session).values()
    assert packets(stream) == SPOKEN


@pytest.mark.parametrize("name", sorted(FAST))
def test_merged_packets_inside_a_tunnel_are_stored_one_by_one_too(tmp_path: Path, name: str) -> None:
    joined = [b"".join(SPOKEN[at : at + 2]) for at in range(0, 12, 2)]
    [[stream]] = stored(session_of(tmp_path, frames(name, joined))).values()
    assert packets(stream) == SPOKEN


def test_one_large_packet_is_not_taken_for_merged_ones(tmp_path: Path) -> None:
    spoken = [rtp(number, payload=rtp(number) * 4) for number in range(6)]
    contents = [udp_frame(SPEAKER, LISTENER, payload) for payload in spoken]
    session = session_of(tmp_path, [Frame(START + n * MS, 1, data, len(data)) for n, data in enumerate(contents)])
    [[stream]] = stored(session).values()
    assert packets(stream) == spoken


@pytest.mark.parametrize("name", ["802.1Q", "ERSPAN II", "VXLAN"])
def test_a_call_mirrored_at_two_ports_is_there_twice_and_in_order(tmp_path: Path, name: str) -> None:
    twice = [again for frame in frames(name, SPOKEN) for again in (frame, replace(frame, time_ns=frame.time_ns + 900))]
    [[stream]] = stored(session_of(tmp_path, twice)).values()
    assert packets(stream) == [packet for packet in SPOKEN for _ in range(2)]


def test_a_clock_that_steps_back_an_hour_and_on_again_loses_no_packet(tmp_path: Path) -> None:
    hour = 3600 * 10**9
    sent = talk([1], 40)
    stepped = [Sent(one.time_ns - hour * (10 <= at < 30), one.flow, one.packet) for at, one in enumerate(sent)]
    found = stored(session_of(tmp_path, [one.frame() for one in stepped]))
    assert [packet for data in found[flow(1)] for packet in packets(data)] == [one.packet for one in sent]


def test_tunnels_that_are_plain_are_not_looked_at_one_by_one() -> None:
    together = batch([frame for name in sorted(FAST) for frame in frames(name, SPOKEN)])
    result = classify(together, INTEREST)
    assert (len(result.packets), len(result.slow)) == (len(together), 0)


def test_a_websocket_on_any_port_is_kept_in_both_directions(tmp_path: Path) -> None:
    packets_ = [
        tcp_packet(BROWSER, SERVER, 1, 16, ws_frame(MESSAGE, mask=b"mask")),
        tcp_packet(SERVER, BROWSER, 1, 16, b"\x8a\0"),
        tcp_packet("192.0.2.7:51000", "192.0.2.2:443", 1, 16, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
    ]
    contents = [ethernet_frame(packet) for packet in packets_]
    session = session_of(tmp_path, [Frame(START + n * MS, 1, data, len(data)) for n, data in enumerate(contents)])
    assert [record.frame().data for record in journal(session, Kind.FRAME)][:1] == contents[:1]
    assert contents[2] not in [record.frame().data for record in journal(session, Kind.FRAME)]


@pytest.mark.parametrize("wrap", [channel, lambda packet: indication(0x17, PEER, data(packet))])
@pytest.mark.parametrize("carrier", ["udp", "tcp"])
def test_a_stream_comes_whole_out_of_a_turn_relay(tmp_path: Path, carrier: str, wrap: Callable[[bytes], bytes]) -> None:
    ends = "192.0.2.2:3478", "192.0.2.1:50000"
    carried = [wrap(packet) for packet in SPOKEN]
    contents = [udp_frame(*ends, one) for one in carried]
    if carrier == "tcp":
        contents = [ethernet_frame(tcp_packet(*ends, 1 + n * len(one), 16, one)) for n, one in enumerate(carried)]
    session = session_of(tmp_path, [Frame(START + n * MS, 1, one, len(one)) for n, one in enumerate(contents)])
    [[stream]] = stored(session).values()
    assert (packets(stream), stream.header.encapsulation) == (SPOKEN, "turn")
