from struct import pack

from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture.turn import COOKIE, relayed

RTP = b"\x80\x6f" + bytes(30)
PEER = pack(">HH", 0x12, 8) + bytes(8)


def channel(body: bytes) -> bytes:
    return pack(">HH", 0x4001, len(body)) + body.ljust(-(-len(body) // 4) * 4, b"\0")


def indication(kind: int, *attributes: bytes) -> bytes:
    body = b"".join(attributes)
    return pack(">HH", kind, len(body)) + COOKIE + bytes(12) + body


def data(body: bytes) -> bytes:
    return pack(">HH", 0x13, len(body)) + body.ljust(-(-len(body) // 4) * 4, b"\0")


def test_channel_data_gives_its_content_also_several_in_one_segment() -> None:
    assert relayed(channel(RTP)) == [RTP]
    assert relayed(channel(RTP) + channel(b"abc") + channel(RTP)) == [RTP, b"abc", RTP]


def test_send_and_data_indications_give_their_data_attribute() -> None:
    for kind in (0x16, 0x17):
        assert relayed(indication(kind, PEER, data(RTP + b"x"))) == [RTP + b"x"]
        assert relayed(indication(kind, PEER)) == []
    assert relayed(indication(0x17, data(RTP)) + channel(RTP)) == [RTP, RTP]


def test_other_stun_messages_are_passed_over() -> None:
    assert relayed(indication(1, data(RTP)) + channel(RTP)) == [RTP]


def test_a_message_that_is_not_whole_gives_nothing() -> None:
    assert relayed(channel(RTP)[:-1]) == []
    assert relayed(indication(0x17, data(RTP))[:-1]) == []
    assert relayed(channel(RTP) + channel(RTP)[:9]) == [RTP]


def test_rtp_and_sip_are_not_relayed() -> None:
    assert relayed(RTP) == relayed(b"OPTIONS sip:a@b SIP/2.0\r\n\r\n") == relayed(b"") == []


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=120), st.sampled_from([b"", b"\x40\1", b"\0\x17\0\x20" + COOKIE]))
def test_any_bytes_give_pieces_of_themselves(content: bytes, start: bytes) -> None:
    whole = start + content
    assert all(piece in whole for piece in relayed(whole))
