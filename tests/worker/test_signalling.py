import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from recordings.pipeline.signalling.identity import DEFAULT_CLUSTER
from recordings.pipeline.spool.calls import CallFile, read_call
from recordings.pipeline.spool.journal import Record
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.segments import JournalWriter, segments
from tests.samples.signalling import ALICE_MEDIA, BOB_MEDIA, Story, eventful
from worker.sniffer.signalling import Signalling, main
from worker.sniffer.signalling_status import report

DEADLINE = 30.0


class Spool:
    """A session whose journal a test writes."""

    def __init__(self, path: Path, segment_bytes: int = 32 << 20) -> None:
        self.session = Session(path)
        self.session.create("node")
        self.writer = JournalWriter(self.session.journal, {"node": "node"}, segment_bytes)

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            name = record.facts().get("stream") if record.payload[:1] == b"{" else None
            if name:
                self.session.stream(str(name)).touch()
            self.writer.append(record.kind, record.time_ns, record.payload)
        self.writer.flush()

    def signalling(self) -> Signalling:
        return Signalling(self.session, "node", DEFAULT_CLUSTER)

    def calls(self) -> dict[str, CallFile]:
        return {path.stem: read_call(path) for path in sorted(self.session.calls.glob("*.call"))}

    def resolved(self) -> list[str]:
        return sorted(path.stem for path in self.session.streams.glob("*.resolved"))


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < limit, "it did not come in time"
        time.sleep(0.01)


def whole(path: Path) -> Spool:
    spool = Spool(path)
    spool.write(eventful().records)
    spool.signalling().advance()
    worked = spool.signalling()
    worked.advance()
    worked.save()
    return spool


def test_every_call_is_written_once_and_every_stream_resolved(tmp_path: Path) -> None:
    spool = whole(tmp_path / "s")
    ended = [(call.protocol, call.call_ids, call.end_reason) for call in spool.calls().values()]
    assert sorted(ended) == [
        ("rtp", (), "timeout"),
        ("sip", ("call-1",), "bye"),
        ("sip", ("call-1",), "bye"),
        ("sip", ("call-2",), "rejected"),
        ("sip", ("call-3",), "bye"),
        ("sip", ("call-4",), "capture_end"),
    ]
    assert spool.resolved() == ["lone", "s1", "s2", "s3"]


@pytest.mark.parametrize("saved", [True, False])
def test_restart_after_any_record_gives_the_same_call_files(tmp_path: Path, saved: bool) -> None:
    records = eventful().records
    expected = whole(tmp_path / "whole")
    for cut in range(1, len(records)):
        spool = Spool(tmp_path / f"{cut}")
        spool.write(records[:cut])
        killed = spool.signalling()
        killed.advance()
        if saved:
            killed.save()
        spool.write(records[cut:])
        started = spool.signalling()
        started.advance()
        started.save()
        assert spool.calls() == expected.calls(), f"killed after record {cut}"
        assert spool.resolved() == expected.resolved()


def test_restart_after_every_record_gives_the_same_call_files(tmp_path: Path) -> None:
    expected = whole(tmp_path / "whole")
    spool = Spool(tmp_path / "often")
    for record in eventful().records:
        spool.write([record])
        signalling = spool.signalling()
        signalling.advance()
        signalling.save()
    assert spool.calls() == expected.calls()
    assert spool.resolved() == expected.resolved()


def test_call_settled_and_removed_is_not_written_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s")
    story = eventful()
    spool.write(story.records[:-1])
    signalling = spool.signalling()
    signalling.advance()
    signalling.save()
    before = set(spool.calls())
    for local in before:
        spool.session.call(local).unlink()
    spool.write(story.records[-1:])
    again = spool.signalling()
    again.advance()
    again.save()
    assert len(before) == 5
    assert [call.call_ids for call in spool.calls().values()] == [("call-4",)]


def test_kill_between_the_checkpoint_and_the_rename_is_made_good(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s")
    story = Story()
    story.answered()
    story.bye()
    story.wait(1)
    spool.write(story.records)
    signalling = spool.signalling()
    signalling.advance()
    signalling.save()
    [(local, call)] = spool.calls().items()
    spool.session.call(local).rename(spool.session.calls / f"{local}.pending")
    (spool.session.calls / "000000000999.pending").touch()  # of a hand-over whose checkpoint was never written
    again = spool.signalling()
    again.advance()
    again.save()
    assert spool.calls() == {local: call}
    assert list(spool.session.calls.glob("*.pending")) == []


def test_journal_segments_that_no_live_call_needs_are_removed(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s", segment_bytes=2000)
    story = eventful()
    spool.write(story.records[:10])
    for record in story.records[10:]:
        spool.write([record])
    before = len(segments(spool.session.journal))
    signalling = spool.signalling()
    signalling.advance()
    signalling.save()
    assert before > 3
    assert len(segments(spool.session.journal)) == 1


def test_damaged_segment_is_skipped_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spool = Spool(tmp_path / "s", segment_bytes=500)
    for call_id in ("call-1", "call-2"):
        story = Story()
        story.answered(call_id)
        story.bye(call_id)
        story.wait(1)
        for record in story.records:
            spool.write([record])
    first = segments(spool.session.journal)[0]
    data = bytearray(first.read_bytes())
    data[200] ^= 0xFF
    first.write_bytes(bytes(data))
    signalling = spool.signalling()
    signalling.advance()
    signalling.advance()
    signalling.save()
    assert ("call-2",) in [call.call_ids for call in spool.calls().values()]
    assert "fails its checksum" in caplog.text


def process(spool: Spool, *more: str) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", "worker.sniffer.signalling", "--session", str(spool.session.path), "--node", "node"]
    return subprocess.Popen([*argv, *more])


def test_process_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    expected = whole(tmp_path / "whole")
    spool = Spool(tmp_path / "killed")
    records = eventful().records
    for begin in range(0, len(records), 9):
        spool.write(records[begin : begin + 9])
        running = process(spool)
        try:
            if begin % 2:
                until(spool.session.checkpoint.exists)
            time.sleep(0.02 * (begin % 5))  # the moment of the kill, not a synchronisation
        finally:
            running.send_signal(signal.SIGKILL)
            running.wait(DEADLINE)
    assert process(spool, "--until-end").wait(DEADLINE) == 0
    assert spool.calls() == expected.calls()
    assert spool.resolved() == expected.resolved()


def test_live_status_tells_the_calls_in_progress(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s")
    running = process(spool)
    try:
        address = spool.session.path / "signalling.sock"
        until(address.exists)
        story = Story()
        story.answered()
        story.stream("forth", ALICE_MEDIA, BOB_MEDIA)
        spool.write(story.records)
        until(lambda: bool(ask(address)["calls"]) and ask(address)["calls"][0]["streams"] == 1)
        [call] = ask(address)["calls"]
        assert (call["caller"], call["callee"], call["state"], call["call_ids"]) == (
            "alice",
            "bob",
            "answered",
            ["call-1"],
        )
        assert address.stat().st_mode & 0o777 == 0o660
        story.bye()
        story.wait(1)
        spool.write(story.records[len(story.records) - 3 :])
        until(lambda: [read.uuid for read in spool.calls().values()] == [call["uuid"]])
        assert ask(address)["calls"] == []
    finally:
        running.terminate()
        assert running.wait(DEADLINE) == 0
    assert not address.exists()


def test_calls_that_cannot_be_written_wait_until_they_can(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    spool = Spool(tmp_path / "s")
    running = process(spool)
    try:
        until((spool.session.path / "signalling.sock").exists)
        aside = spool.session.calls.rename(tmp_path / "aside")
        spool.write(eventful().records)
        heard: list[str] = []
        until(lambda: heard.append(capfd.readouterr().err) or "cannot be written" in "".join(heard))  # type: ignore[func-returns-value]
        aside.rename(spool.session.calls)
        until(lambda: len(spool.calls()) == 6)
    finally:
        running.terminate()
        assert running.wait(DEADLINE) == 0


def ask(address: Path) -> dict[str, list[dict[str, object]]]:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(DEADLINE)
        client.connect(str(address))
        found: dict[str, list[dict[str, object]]] = json.loads(b"".join(iter(lambda: client.recv(65536), b"")))
    return found


def test_status_tells_of_streams_that_no_call_explains(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s")
    story = Story()
    story.answered()
    story.stream("own", ALICE_MEDIA, BOB_MEDIA)
    story.stream("forth", "198.51.100.1:1000", "198.51.100.2:2000")
    story.stream("back", "198.51.100.2:2000", "198.51.100.1:1000", ssrc=2)
    spool.write(story.records)
    signalling = spool.signalling()
    signalling.advance()
    found = report(signalling.engine)["calls"]
    assert [(call["protocol"], call["caller"], call["streams"]) for call in found] == [
        ("rtp", "198.51.100.1:1000", 2),
        ("sip", "alice", 1),
    ]
    spool.write(eventful().records[-1:])
    signalling.advance()
    signalling.save()
    assert {call.uuid for call in spool.calls().values()} == {call["uuid"] for call in found}


def test_import_without_an_end_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    spool = Spool(tmp_path / "s")
    assert process(spool, "--until-end").wait(DEADLINE) == 1
    assert "has no END record" in capfd.readouterr().err
    spool.write(eventful().records)
    assert process(spool, "--until-end").wait(DEADLINE) == 0
    assert process(spool, "--until-end").wait(DEADLINE) == 0


def test_second_process_and_foreign_spool_are_refused(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s")
    with spool.session.lock("signalling"):
        assert main(["--session", str(spool.session.path), "--node", "node"]) == 5
    assert main(["--session", str(spool.session.path), "--node", "other"]) == 1
    assert main(["--session", os.devnull, "--node", "node"]) == 1
