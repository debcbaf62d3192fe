import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture.frames import Datagram, Frame, endpoint
from recordings.pipeline.capture.link import decode
from recordings.pipeline.capture.pcap import read_frames
from recordings.pipeline.capture.write import internet_checksum, udp_frame, write_pcap
from tests.samples.packets import ALICE, ALICE6, BOB, TIME, frame

PORTS = st.integers(0, 65535)


def endpoints(size: int) -> st.SearchStrategy[str]:
    return st.builds(endpoint, st.binary(min_size=size, max_size=size), PORTS)


@settings(deadline=None)
@given(st.lists(st.builds(Frame, st.integers(0, 2**32 * 10**9 - 1), st.just(1), st.binary(max_size=50), st.just(50))))
def test_frames_come_back_from_the_file_they_were_written_to(frames: list[Frame]) -> None:
    stream = io.BytesIO()
    assert write_pcap(stream, frames) == len(frames)
    assert list(read_frames(io.BytesIO(stream.getvalue()))) == frames


def test_a_frame_of_another_link_type_is_refused() -> None:
    with pytest.raises(ValueError, match="a frame of link type 113 cannot stand in a file of link type 1"):
        write_pcap(io.BytesIO(), [frame(b"", link=113)])


@settings(deadline=None)
@given(
    st.sampled_from([4, 16]).flatmap(lambda size: st.tuples(endpoints(size), endpoints(size))),
    st.binary(max_size=60).map(lambda data: b"\xff" + data),
    st.lists(st.integers(0, 4095), max_size=3).map(tuple),
)
def test_a_datagram_comes_back_from_the_frame_made_of_it(
    ends: tuple[str, str], payload: bytes, vlan: tuple[int, ...]
) -> None:
    source, destination = ends
    data = udp_frame(source, destination, payload, vlan)
    decoded = decode(frame(data))
    if decoded is not None and decoded.encapsulation == "":
        assert decoded == Datagram(TIME, source, destination, payload, vlan)


def test_the_checksums_are_those_of_the_protocols() -> None:
    data = udp_frame("192.0.2.1:5060", "192.0.2.2:5062", b"odd")
    packet = data[14:]
    assert internet_checksum(packet[:20]) == 0
    assert internet_checksum(packet[12:20] + b"\0\x11" + packet[24:26] + packet[20:]) == 0
    assert internet_checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D  # the example of RFC 1071


def test_addresses_of_two_versions_are_refused() -> None:
    with pytest.raises(ValueError, match="are not of one IP version"):
        udp_frame(ALICE, ALICE6, b"")


def test_a_payload_that_does_not_fit_is_refused() -> None:
    assert len(udp_frame(ALICE, BOB, bytes(65507))) == 65549
    with pytest.raises(ValueError, match="65508 bytes do not fit into one UDP datagram"):
        udp_frame(ALICE, BOB, bytes(65508))
