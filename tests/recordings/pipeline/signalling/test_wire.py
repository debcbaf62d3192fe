import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture.frames import Datagram, DecodeError, Frame
from recordings.pipeline.capture.write import udp_frame
from recordings.pipeline.signalling.wire import Wire
from tests.samples.signalling import ALICE, BOB, START_NS, Story

UNKNOWN_LINK = 4711


def invite() -> bytes:
    story = Story()
    story.request("INVITE")
    return story.records[0].frame().data


def test_sip_is_known_by_content_on_any_port() -> None:
    payload = invite()[42:]
    data = udp_frame("192.0.2.1:33333", "192.0.2.2:44444", payload)
    [seen] = Wire().feed(7, Frame(START_NS, 1, data, len(data)))
    assert (seen.number, seen.first, seen.index, seen.transport) == (7, 7, 0, "udp")
    assert (seen.source, seen.destination, seen.raw) == ("192.0.2.1:33333", "192.0.2.2:44444", payload)


def test_other_payloads_and_broken_messages_are_no_messages() -> None:
    wire = Wire()
    for payload in (b"", b"\x80\x08" + bytes(170), b"OPTIONS sip:b@h SIP/2.0\r\n\r\n"):
        data = udp_frame(ALICE, BOB, payload)
        assert wire.feed(1, Frame(START_NS, 1, data, len(data))) == []
    assert (wire.messages, wire.malformed) == (0, 1)


def test_link_types_that_capture_does_not_know_are_left_to_the_dissector() -> None:
    payload = invite()[42:]
    wire = Wire(lambda frame: Datagram(frame.time_ns, ALICE, BOB, payload))
    assert [seen.raw for seen in wire.feed(1, Frame(START_NS, UNKNOWN_LINK, b"?", 1))] == [payload]
    assert Wire().feed(1, Frame(START_NS, UNKNOWN_LINK, b"?", 1)) == []


def test_frame_that_the_dissector_refuses_is_counted() -> None:
    def refuse(frame: Frame) -> None:
        raise DecodeError("no")

    wire = Wire(refuse)
    assert wire.feed(1, Frame(START_NS, UNKNOWN_LINK, b"?", 1)) == []
    assert wire.malformed == 1


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([1, 101, 113, 276, 0, 9]), st.binary(max_size=120)), max_size=10))
def test_any_frames_are_read_or_counted(frames: list[tuple[int, bytes]]) -> None:
    wire = Wire()
    for number, (link, data) in enumerate(frames):
        wire.feed(number, Frame(START_NS, link, data, len(data)))
    wire.pending(START_NS)


@settings(deadline=None)
@given(st.integers(0, 200), st.binary(min_size=1, max_size=3))
def test_damaged_invites_are_read_or_counted(place: int, piece: bytes) -> None:
    data = bytearray(invite())
    data[place : place + len(piece)] = piece
    wire = Wire()
    found = wire.feed(1, Frame(START_NS, 1, bytes(data), len(data)))
    assert len(found) + wire.malformed <= 1


@pytest.mark.parametrize("cut", [60, 100, 200])
def test_message_cut_by_the_snapshot_length_is_read_as_far_as_it_goes_or_counted(cut: int) -> None:
    data = invite()
    wire = Wire()
    found = wire.feed(1, Frame(START_NS, 1, data[:cut], len(data)))
    assert len(found) + wire.malformed <= 1
