import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.signalling.bodies import digits, parts, session
from recordings.pipeline.signalling.sip import SipError, SipMessage, looks_like_sip, parse
from tests.samples.signalling import sdp, sip

HEAD = {
    "Via": "SIP/2.0/UDP h;branch=z9hG4bK1",
    "From": "<sip:a@h>;tag=1",
    "To": "<sip:b@h>",
    "Call-ID": "c",
    "CSeq": "1 INVITE",
}
INVITE = sip("INVITE sip:b@h SIP/2.0", HEAD, sdp("192.0.2.1:4000"))


def parsed_or_none(data: bytes) -> SipMessage | None:
    try:
        return parse(data)
    except SipError:
        return None


def test_request_is_read() -> None:
    message = parse(INVITE)
    assert (message.method, message.status, message.uri, message.call_id) == ("INVITE", 0, "sip:b@h", "c")
    assert (message.sequence, message.transaction, message.request) == (1, ("z9hG4bK1", 1), True)
    assert message.body == sdp("192.0.2.1:4000")


def test_response_has_the_method_of_its_cseq() -> None:
    message = parse(sip("SIP/2.0 180 Ringing now", HEAD))
    assert (message.method, message.status, message.reason) == ("INVITE", 180, "Ringing now")


def test_compact_names_folds_and_bare_line_feeds_are_read() -> None:
    head = b"INVITE sip:b@h SIP/2.0\nv: SIP/2.0/UDP h\n ;branch=z9hG4bK1\nf: A\n\t<sip:a@h>;tag=1\n"
    data = head + b"t: b\ni: c\nCSeq: 1 INVITE\nl: 3\n\nabcdef"
    message = parse(data)
    assert message.header("from") == "A <sip:a@h>;tag=1"
    assert message.transaction == ("z9hG4bK1", 1)
    assert (message.call_id, message.body) == ("c", b"abc")


def test_bytes_that_are_no_text_survive() -> None:
    message = parse(INVITE.replace(b"<sip:a@h>", b'"\xff\xfe" <sip:a@h>'))
    assert message.header("from").encode("latin-1") == b'"\xff\xfe" <sip:a@h>;tag=1'


def test_body_that_is_cut_off_is_kept_and_marked() -> None:
    message = parse(INVITE[:-10])
    assert (message.complete, message.body) == (False, sdp("192.0.2.1:4000")[:-10])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"INVITE sip:b@h SIP/3.0\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n",
        b"INVITE sip:b@h SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n",
        b"INVITE sip:b@h SIP/2.0\r\nCall-ID: c\r\n\r\n",
        b"INVITE sip:b@h SIP/2.0\r\nCall-ID: c\r\nCSeq: x INVITE\r\n\r\n",
        b"INVITE sip:b@h SIP/2.0\r\n" + b"a: b\r\n" * 2000,
        b"x" * (300 << 10),
    ],
)
def test_what_is_no_sip_is_refused(data: bytes) -> None:
    with pytest.raises(SipError):
        parse(data)


def test_sip_is_told_from_other_payloads_at_a_glance() -> None:
    assert looks_like_sip(INVITE)
    assert looks_like_sip(b"\r\n" + sip("SIP/2.0 200 OK", HEAD))
    assert not looks_like_sip(b"\x80\x08\x00\x01" + bytes(160))
    assert not looks_like_sip(b"")


def test_session_is_found_inside_a_multipart_body() -> None:
    body = b"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\nContent-Type: application/sdp\r\n\r\n"
    body += sdp("192.0.2.1:4000") + b"\r\n--x--\r\n"
    headers = {**HEAD, "Content-Type": "multipart/mixed; boundary=x"}
    found = session(parse(sip("INVITE sip:b@h SIP/2.0", headers, body)))
    assert found is not None
    assert [media.address for media in found.media] == ["192.0.2.1:4000"]


@pytest.mark.parametrize(
    ("kind", "body", "digit"),
    [
        ("application/dtmf-relay", b"Signal=5\r\nDuration=100\r\n", "5"),
        ("application/dtmf-relay", b"Signal= 11\r\n", "#"),
        ("application/dtmf", b"*", "*"),
        ("application/dtmf", b"d", "D"),
        ("application/dtmf-relay", b"Signal=99\r\n", ""),
        ("text/plain", b"5", ""),
    ],
)
def test_digit_of_an_info_request(kind: str, body: bytes, digit: str) -> None:
    message = parse(sip("INFO sip:b@h SIP/2.0", {**HEAD, "CSeq": "2 INFO", "Content-Type": kind}, body))
    assert digits(message) == digit


@given(st.binary(max_size=600))
def test_any_bytes_are_a_message_or_a_sip_error(data: bytes) -> None:
    parsed_or_none(data)
    parsed_or_none(b"INVITE sip:b@h SIP/2.0\r\n" + data)
    looks_like_sip(data)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(INVITE) - 1), st.binary(max_size=4)), max_size=5))
def test_damaged_messages_are_read_or_refused(changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(INVITE)
    for place, piece in changes:
        data[place : place + 2] = piece
    message = parsed_or_none(bytes(data))
    if message:
        parts(message)
        session(message)
        digits(message)
