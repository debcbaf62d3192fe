"""Connections that OpenSSL made, with the key log that it wrote."""

import random
import ssl
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from struct import pack

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture.frames import Segment
from recordings.pipeline.signalling.keylog import KeyLog, KeyLogError
from recordings.pipeline.signalling.tcp import Connections
from recordings.pipeline.signalling.tls import Session, Side
from recordings.pipeline.signalling.tls_keys import SUITES, Aead13, TlsError
from tests.recordings.pipeline.signalling.test_tcp import MESSAGES
from tests.samples.tls import PHONE, Connection
from tests.samples.websocket import ASK, ws_frame

SPOKEN = [(False, MESSAGES[0]), (True, MESSAGES[1]), (False, MESSAGES[3]), (True, MESSAGES[2])]
CIPHERS = [
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA", "ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA384",
    "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA384", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA",
    "AES256-SHA", "AES128-SHA256", "AES256-SHA256",
]  # fmt: skip


def talked(folder: Path, *arguments: str, **more: object) -> Connection:
    connection = Connection(folder, *arguments, **more)  # type: ignore[arg-type]
    for server, message in SPOKEN:
        connection.say(message, server=server)
    return connection


def read(segments: list[Segment], log: bytes) -> list[bytes]:
    connections = Connections(KeyLog([log]))
    return [data for number, found in enumerate(segments, 1) for _, data in connections.feed(found, number)]


@pytest.mark.parametrize("cipher", CIPHERS)
def test_sip_is_read_with_each_suite_of_tls_1_2(tmp_path: Path, cipher: str) -> None:
    connection = talked(tmp_path, cipher)
    used = connection.phone.cipher()
    assert (used and used[0], connection.phone.version()) == (cipher, "TLSv1.2")
    assert read(connection.wire.segments, connection.log.read_bytes()) == [message for _, message in SPOKEN]


@pytest.mark.parametrize("cipher", ["ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384"])
def test_sip_is_read_where_the_mac_comes_before_the_encryption(tmp_path: Path, cipher: str) -> None:
    connection = talked(tmp_path, cipher, mac_last=False)
    assert read(connection.wire.segments, connection.log.read_bytes()) == [message for _, message in SPOKEN]


def test_sip_is_read_in_tls_1_3_also_out_of_small_segments(tmp_path: Path) -> None:
    for size in (1400, 7):
        folder = tmp_path / str(size)
        folder.mkdir()
        connection = talked(folder, version=ssl.TLSVersion.TLSv1_3, size=size)
        assert read(connection.wire.segments, connection.log.read_bytes()) == [message for _, message in SPOKEN]


def test_chacha20_in_tls_1_3_is_opened_and_so_is_what_follows_a_key_update() -> None:
    def expanded(secret: bytes, label: bytes, size: int) -> bytes:
        info = pack(">HB", size, 6 + len(label)) + b"tls13 " + label + b"\0"
        return HKDFExpand(hashes.SHA256(), size, info).derive(secret)

    secret = bytes(range(32))
    key = Aead13(SUITES[0x1303], secret)
    for number in range(2):
        nonce = (int.from_bytes(expanded(secret, b"iv", 12)) ^ 5).to_bytes(12)
        sealed = ChaCha20Poly1305(expanded(secret, b"key", 32)).encrypt(nonce, b"hello\x17", b"head")
        assert key.open(b"head", sealed, 5) == b"hello\x17", number
        secret, key = expanded(secret, b"traffic upd", 32), key.following()


def test_a_resumed_session_is_read_by_the_lines_of_its_own(tmp_path: Path) -> None:
    connection = talked(tmp_path, "ECDHE-RSA-AES128-GCM-SHA256")
    first, connection.wire.segments = connection.wire.segments, []
    connection.phone_at = "192.0.2.1:50002"
    connection.connect(connection.phone.session)
    for server, message in SPOKEN:
        connection.say(message, server=server)
    assert connection.phone.session_reused
    log = connection.log.read_bytes()
    assert read(first, log) == read(connection.wire.segments, log) == [message for _, message in SPOKEN]


def test_websocket_frames_in_tls_are_read(tmp_path: Path) -> None:
    connection = Connection(tmp_path)
    connection.say(ASK)
    connection.say(ws_frame(MESSAGES[0], mask=b"abcd"))
    connections = Connections(KeyLog([connection.log.read_bytes()]))
    segments = connection.wire.segments
    found = [data for number, one in enumerate(segments, 1) for _, data in connections.feed(one, number)]
    assert found == [MESSAGES[0]]
    assert connections.transport(next(one for one in segments if one.source == PHONE)) == "wss"


def test_segments_out_of_order_and_doubled_are_read(tmp_path: Path) -> None:
    connection = talked(tmp_path, size=100)
    segments = connection.wire.segments
    chance = random.Random(3)
    stirred = [segments[at] for at in sorted(range(len(segments)), key=lambda at: at + chance.random() * 3)]
    found = read([one for one in stirred for _ in range(2)], connection.log.read_bytes())
    assert sorted(found) == sorted(message for _, message in SPOKEN)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_after_a_lost_record_the_next_ones_are_read(tmp_path: Path, version: ssl.TLSVersion) -> None:
    connection = talked(tmp_path, version=version)
    before = len(connection.wire.segments)
    connection.say(MESSAGES[0])
    connection.say(MESSAGES[2])
    kept = connection.wire.segments[:before] + [
        replace(one, time_ns=one.time_ns + 10**10) for one in connection.wire.segments[before + 1 :]
    ]
    late = replace(kept[-1], sequence=kept[-1].sequence + len(kept[-1].payload), payload=b"", flags=1, time_ns=10**11)
    assert read([*kept, late], connection.log.read_bytes())[-1] == MESSAGES[2]


def test_a_connection_whose_key_is_not_known_gives_nothing_and_says_so(tmp_path: Path) -> None:
    connection = talked(tmp_path)
    connections = Connections(KeyLog([b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48]))
    assert [
        found for number, one in enumerate(connection.wire.segments) for found in connections.feed(one, number)
    ] == []
    assert connections.unreadable == ["the key log does not know this connection"]


def test_a_key_log_says_what_it_knows_and_passes_over_the_rest() -> None:
    line = b"CLIENT_RANDOM " + b"0A" * 32 + b" " + b"0b" * 48
    log = KeyLog(
        [b"# a comment\r\n" + line + b"\r\nRSA 01 02\nEXPORTER_SECRET " + b"00" * 32 + b" " + b"00" * 32 + b"\n"]
    )
    assert log.secrets == {("CLIENT_RANDOM", b"\x0a" * 32): b"\x0b" * 48}
    assert (KeyLog([log.text()]).secrets, str(log)) == (log.secrets, "KeyLog(1 secrets)")


def test_a_file_that_is_no_key_log_is_one_sentence() -> None:
    with pytest.raises(KeyLogError, match="no line is one of an NSS key log"):
        KeyLog([b"something else"])


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_damaged_connections_are_read_or_the_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    segments, log = recorded(tmp_path_factory)
    found = list(segments)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(found) - 1))
        payload = bytearray(found[at].payload)
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
        found[at] = replace(found[at], payload=bytes(payload))
    read(found, log)


_RECORDED: list[tuple[list[Segment], bytes]] = []


def recorded(factory: pytest.TempPathFactory) -> tuple[list[Segment], bytes]:
    if not _RECORDED:
        connection = talked(factory.mktemp("tls"), "ECDHE-RSA-AES128-SHA")
        _RECORDED.append((connection.wire.segments, connection.log.read_bytes()))
    return _RECORDED[0]


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), st.sampled_from(sorted(SUITES)), st.booleans(), st.booleans())
def test_any_bytes_of_a_server_are_a_hello_or_the_error(body: bytes, suite: int, new: bool, client: bool) -> None:
    session = Session(KeyLog())
    hello = b"\3\3" + bytes(32) + b"\0" + pack(">H", suite) + b"\0"
    if new:
        hello += pack(">HHHH", 6, 43, 2, 0x0304)
    with suppress(TlsError):
        session.hear(2, hello)
    with suppress(TlsError):
        session.hear(2, body)
    Side(session, client).feed(body)
    with suppress(KeyLogError):
        KeyLog([body])
