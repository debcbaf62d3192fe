"""Imports of SIP in TLS, with the secrets in the capture or beside it."""

import ssl
import struct
from pathlib import Path

import pytest

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.write import ethernet_frame
from recordings.pipeline.signalling.identity import DEFAULT_CLUSTER
from recordings.pipeline.spool.calls import read_call
from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.layout import Session
from tests.samples.capture_files import pcapng
from tests.samples.flows import MS, START, journal
from tests.samples.packets import tcp_packet
from tests.samples.signalling import Story
from tests.samples.tls import Connection
from worker.sniffer import offline
from worker.sniffer.signalling import Signalling, finish


def tls_capture(folder: Path, *, inject: bool) -> tuple[Path, bytes]:
    """A SIP call in TLS on a port of its own as pcapng, with its key log in it or beside it."""
    made = Connection(folder, version=ssl.TLSVersion.TLSv1_3)
    story = Story()
    story.answered()
    story.bye()
    for record in story.records:
        frame = record.frame()
        made.say(frame.data[42:], server=frame.data[26:30] == bytes([192, 0, 2, 2]))
    contents = [
        ethernet_frame(tcp_packet(one.source, one.destination, one.sequence, one.flags, one.payload))
        for one in made.wire.segments
    ]
    log = made.log.read_bytes()
    data = pcapng([Frame(START + n * MS, 1, one, len(one)) for n, one in enumerate(contents)])
    if inject:
        head = int.from_bytes(data[4:8], "little")
        body = struct.pack("<II", 0x544C534B, len(log)) + log.ljust(-(-len(log) // 4) * 4, b"\0")
        block = struct.pack("<II", 10, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
        data = data[:head] + block + data[head:]
    capture = folder / "capture.pcapng"
    capture.write_bytes(data)
    return capture, log


@pytest.mark.parametrize("inject", [True, False])
def test_a_call_in_tls_is_read_with_the_key_log_in_the_capture_or_beside_it(tmp_path: Path, inject: bool) -> None:
    capture, log = tls_capture(tmp_path, inject=inject)
    session = Session(tmp_path / "session")
    session.create("n1")
    offline.run(session, "n1", capture, max_size=1 << 30, key_log=b"" if inject else log)
    assert session.key_log.stat().st_mode & 0o777 == 0o600
    assert finish(Signalling(session, "n1", DEFAULT_CLUSTER))
    assert not session.key_log.exists()
    [call] = [read_call(path) for path in session.calls.glob("*.call")]
    assert (call.caller, call.callee, call.end_reason) == ("alice", "bob", "bye")
    assert {message.transport for message in call.messages} == {"tls"}


def test_without_a_key_log_nothing_of_a_tls_connection_is_kept(tmp_path: Path) -> None:
    capture, _ = tls_capture(tmp_path, inject=False)
    session = Session(tmp_path / "session")
    session.create("n1")
    offline.run(session, "n1", capture, max_size=1 << 30)
    assert (journal(session, Kind.FRAME), session.key_log.exists()) == ([], False)


@pytest.mark.parametrize("content", [None, b"no key log"])
def test_a_key_log_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    log = tmp_path / "keys.log"
    if content:
        log.write_bytes(content)
    arguments = ["--session", str(tmp_path / "session"), "--node", "n1", "--key-log", str(log), "capture"]
    assert offline.main(arguments) == offline.USAGE
    assert capsys.readouterr().err.count("\n") == 1
