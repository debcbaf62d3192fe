import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.pipeline.signalling.sdp import Sdp, SdpError, join, parse
from recordings.pipeline.spool.calls import Codec
from tests.samples.signalling import sdp


def parsed_or_none(body: bytes) -> Sdp | None:
    try:
        return parse(body)
    except SdpError:
        return None


def test_media_with_codecs_and_attributes() -> None:
    lines = ("a=fmtp:101 0-16", "a=ptime:30", "a=rtcp:4009", "a=rtcp-mux", "a=ssrc:77 cname:x", "a=sendonly")
    [media] = parse(sdp("192.0.2.1:4000", *lines)).media
    assert (media.kind, media.address, media.formats) == ("audio", "192.0.2.1:4000", (8, 101))
    assert media.codecs == {8: Codec("PCMA"), 101: Codec("telephone-event", parameters="0-16")}
    assert (media.ptime, media.rtcp, media.rtcp_mux, media.ssrcs) == (30, 4009, True, [77])
    assert (media.direction, media.held, media.encrypted) == ("sendonly", True, False)


def test_fmtp_before_its_rtpmap_counts() -> None:
    body = b"v=0\nm=audio 4000 RTP/AVP 96\na=fmtp:96 useinbandfec=1\na=rtpmap:96 opus/48000/2\n"
    assert parse(body).media[0].codecs == {96: Codec("opus", 48000, 2, "useinbandfec=1")}


def test_each_media_line_has_its_own_address_or_the_sessions() -> None:
    body = sdp("192.0.2.1:4000", "m=video 4002 RTP/AVP 96", "c=IN IP4 192.0.2.7", "m=audio 0 RTP/AVP 8")
    assert [media.address for media in parse(body).media] == ["192.0.2.1:4000", "192.0.2.7:4002", ""]


def test_hold_by_address_zero() -> None:
    [media] = parse(sdp("0.0.0.0:4000")).media
    assert (media.address, media.held) == ("", True)


@pytest.mark.parametrize(
    "line", ["a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x", "a=fingerprint:sha-256 AB", "a=zrtp-hash:1.10 ab"]
)
def test_announced_keys_mean_encryption(line: str) -> None:
    assert parse(sdp("192.0.2.1:4000", line)).media[0].encrypted
    assert not parse(sdp("192.0.2.1:4000")).media[0].secure
    assert parse(sdp("192.0.2.1:4000", line, profile="UDP/TLS/RTP/SAVPF")).media[0].secure


def test_candidates_of_component_one_are_addresses() -> None:
    lines = (
        "a=candidate:1 1 UDP 2130706431 10.0.0.1 5000 typ host",
        "a=candidate:1 2 UDP 2130706431 10.0.0.1 5001 typ host",
        "a=candidate:2 1 TCP 2130706431 10.0.0.1 9 typ host",
    )
    assert parse(sdp("192.0.2.1:4000", *lines)).media[0].candidates == ["10.0.0.1:5000"]


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("192.0.2.1", 4000, "192.0.2.1:4000"),
        ("[fd77::1]", 6000, "[fd77::1]:6000"),
        ("FD77:0:0::1", 6000, "[fd77::1]:6000"),
        ("::", 6000, ""),
        ("phone.example.com", 4000, ""),
        ("192.0.2.1", 0, ""),
        ("192.0.2.1", 70000, ""),
    ],
)
def test_address_has_one_spelling(host: str, port: int, address: str) -> None:
    assert join(host, port) == address


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"m=audio\n",
        b"m=audio x RTP/AVP 8\n",
        b"o=-\n" + b"a=x\n" * 3000,
        b"m=audio 1 RTP/AVP 8\n" * 65,
        b"o=-\n" + b" " * (65 << 10),
    ],
)
def test_what_is_no_session_is_refused(body: bytes) -> None:
    with pytest.raises(SdpError):
        parse(body)


LINES = st.sampled_from(
    [  # what a parser may stumble over
        "m=audio 1 RTP/AVP 0",
        "m=",
        "c=IN IP4 1.2.3.4",
        "c=",
        "a=rtpmap:96 x/1",
        "a=fmtp:96 y",
        "a=ssrc:",
        "a=rtcp:",
        "o=x",
        "a=candidate:1 1 udp 1 ::1 2",
        "a=ptime:x",
        "a=rtpmap:999 a/b",
        "a=ssrc:9999999999",
    ]
)


@given(st.lists(st.one_of(LINES.map(str.encode), st.binary(max_size=40)), max_size=30).map(b"\n".join))
def test_any_body_is_a_session_or_an_sdp_error(body: bytes) -> None:
    parsed_or_none(body)
