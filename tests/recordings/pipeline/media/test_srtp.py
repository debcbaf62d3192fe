"""Packets sealed by a writer of our own, and the vectors of RFC 3711 (appendix B)."""

import hmac
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.media.sdes import SUITES, SdesError, parse_crypto
from recordings.pipeline.media.srtp import TRIES, Context, SrtpError, open_all, opener
from tests.samples.srtp import SIZES, Phone
from tests.samples.streams import rtp

LINE = "1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40


def spoken(sequence: int, ssrc: int = 0xA11CE) -> bytes:
    return rtp(sequence, 160 * sequence, bytes([sequence & 255]) * 160, ssrc)


@pytest.mark.parametrize("suite", sorted(SIZES))
@pytest.mark.parametrize("mki", [b"", b"\0\7"])
def test_each_suite_opens(suite: str, mki: bytes) -> None:
    phone = Phone(suite, mki=mki)
    opening = opener([phone.line])
    assert [opening.open(phone.seal(spoken(number))) for number in range(5)] == [spoken(n) for n in range(5)]
    assert (opening.opened, opening.refused) == (5, 0)


def test_the_suites_are_those_of_the_rfcs() -> None:
    assert {name: (suite.key, suite.salt, suite.tag) for name, suite in SUITES.items()} == SIZES


def test_session_keys_are_those_of_rfc_3711() -> None:
    """Appendix B.3."""
    master, salt = "E1F97A0D3E018BE0D64FA32C06DE4139", "0EC675AD498AFEEBB6960B3AABE6"
    [key] = parse_crypto("1 AES_CM_128_HMAC_SHA1_80 inline:4fl6DT4Bi+DWT6MsBt5BOQ7Gda1Jiv7rtpYLOqvm")
    assert (key.key.hex().upper(), key.salt.hex().upper()) == (master, salt)
    context = Context(key)
    assert context._cipher_key.hex().upper() == "C61E7A93744F39EE10734AFE3FF7A087"
    assert f"{context._salt:028X}" == "30CBBC08863D8C85D49DB34A9AE1"
    assert context._mac_key.hex().upper() == "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"


def test_a_sequence_number_that_wraps_goes_on_and_packets_may_come_out_of_order() -> None:
    phone = Phone("AES_CM_128_HMAC_SHA1_80")
    order = [65533, 65535, 65534, 65537, 65536, 65532, 131072 + 5, 65538]
    opening = opener([phone.line])
    sent = [(number, spoken(number)) for number in [*order[:6], *range(66000, 131072, 900), *order[6:7]]]
    assert [opening.open(phone.seal(packet, number >> 16)) for number, packet in sent] == [packet for _, packet in sent]


@pytest.mark.parametrize("suite", ["AES_CM_128_HMAC_SHA1_80", "AEAD_AES_256_GCM"])
def test_a_capture_that_began_hours_after_the_call_is_opened(suite: str) -> None:
    phone = Phone(suite)
    assert opener([phone.line]).open(phone.seal(spoken(700), wraps=9)) == spoken(700)


def test_a_new_key_in_mid_call_is_found_and_the_old_one_too() -> None:
    old, new = Phone("AES_CM_128_HMAC_SHA1_80", 1), Phone("AEAD_AES_128_GCM", 2)
    opening = opener([old.line, new.line])
    sealed = [old.seal(spoken(1)), new.seal(spoken(2)), old.seal(spoken(3)), new.seal(spoken(4))]
    assert [opening.open(packet) for packet in sealed] == [spoken(number) for number in (1, 2, 3, 4)]


def test_a_key_identifier_chooses_among_the_keys_of_one_line() -> None:
    one, two = Phone("AES_CM_128_HMAC_SHA1_80", 1, b"\1"), Phone("AES_CM_128_HMAC_SHA1_80", 2, b"\2")
    line = f"{one.line};{two.line.split()[2]}"
    assert [key.mki for key in parse_crypto(line)] == [b"\1", b"\2"]
    opening = opener([line])
    assert [opening.open(two.seal(spoken(1))), opening.open(one.seal(spoken(2)))] == [spoken(1), spoken(2)]


def test_another_key_opens_nothing_and_is_given_up() -> None:
    phone = Phone("AES_CM_128_HMAC_SHA1_80")
    opening = opener([Phone("AES_CM_128_HMAC_SHA1_80", 9).line])
    assert [opening.open(phone.seal(spoken(number))) for number in range(TRIES + 5)] == [None] * (TRIES + 5)
    assert opening.open(phone.seal(spoken(1))) is None


def test_what_is_sent_in_clear_by_agreement_only_loses_its_tag() -> None:
    phone = Phone("AES_CM_128_HMAC_SHA1_32")
    clear = spoken(1)
    sealed = clear + hmac.digest(phone.mac, clear + bytes(4), "sha1")[:4]
    assert opener([phone.line + " UNENCRYPTED_SRTP"]).open(sealed) == clear


def test_a_header_extension_and_sources_stay_in_clear() -> None:
    phone = Phone("AES_CM_128_HMAC_SHA1_80")
    plain = spoken(4)
    longer = bytes([0x91]) + plain[1:12] + b"abcd" + b"\xbe\xde\0\1\x10xyz" + plain[12:]
    whole = phone.seal(plain)
    body = longer[:24] + whole[12:-10]
    sealed = body + hmac.digest(phone.mac, body + bytes(4), "sha1")[:10]
    assert opener([phone.line]).open(sealed) == longer


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "the crypto line has not tag, suite and key"),
        ("1 F8_128_HMAC_SHA1_80 inline:" + "A" * 40, "the suite F8_128_HMAC_SHA1_80 is not supported"),
        ("1 AES_CM_128_HMAC_SHA1_80 uri:x", "the key of the crypto line is not given inline"),
        (LINE[:-4], "the key of the crypto line has 27 bytes, AES_CM_128_HMAC_SHA1_80 needs 30"),
        (LINE + "|2^20|300:1", "the key identifier of the crypto line does not fit its size"),
    ],
)
def test_a_line_that_cannot_be_used_is_an_error(line: str, sentence: str) -> None:
    with pytest.raises(SdesError) as caught:
        parse_crypto(line)
    assert str(caught.value) == sentence


def test_keys_are_in_no_text() -> None:
    assert repr(parse_crypto(LINE)) == "[MasterKey(AES_CM_128_HMAC_SHA1_80)]"


def test_packets_that_do_not_open_have_no_bytes() -> None:
    phone = Phone("AES_CM_128_HMAC_SHA1_80")
    sealed = [phone.seal(spoken(1)), b"\x80short", phone.seal(spoken(2))[:-1], phone.seal(spoken(3))]
    sizes = np.array([len(packet) for packet in sealed], np.int64)
    data, offsets, lengths, opening = open_all(b"".join(sealed), np.cumsum(sizes) - sizes, sizes, [phone.line])
    assert (lengths.tolist(), opening.opened, opening.refused) == ([172, 0, 0, 172], 2, 1)
    assert data[offsets[3] :] == spoken(3)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=80), st.sampled_from(["", LINE, "1 AEAD_AES_128_GCM inline:"]))
def test_any_line_gives_keys_or_the_error(text: str, start: str) -> None:
    with suppress(SdesError):
        assert parse_crypto(start + text)


@settings(deadline=None, max_examples=300)
@given(
    st.binary(max_size=60), st.sampled_from(["AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM"]), st.integers(0, 1 << 47)
)
def test_any_packet_is_opened_or_the_error(packet: bytes, suite: str, index: int) -> None:
    [key] = parse_crypto(Phone(suite, mki=b"\1").line)
    with suppress(SrtpError):
        Context(key).open(packet, index)
