"""import_capture: each call of a capture once, whatever the capture is like."""

import gzip
import json
import os
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from apresa.node import domain as node
from recordings.domain.deletion import delete_call
from recordings.models import Call, Version, Why
from tests.samples.call_capture import write_call_capture

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [
    pytest.mark.embedded,
    pytest.mark.django_db(databases=["default", "node"]),
    pytest.mark.usefixtures("platform"),
]


def scratch(*arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "manage.py", "import_capture", "--scratch", "--json", *arguments],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )


def calls(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.fixture(autouse=True)
def _own_spool(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.APRESA.__dict__, "spool", tmp_path_factory.mktemp("spool"))


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, what was printed, what was said."""
    status = 0
    try:
        call_command("import_capture", *arguments)
    except SystemExit as ended:
        status = int(ended.code or 0)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_a_call_is_stored_once_and_again_is_said_to_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = str(write_call_capture(tmp_path / "call.pcap"))
    assert run(capsys, capture) == (0, "", "1 call.\n")
    assert run(capsys, capture) == (0, "", "1 call, 1 of them already stored.\n")
    call = Call.objects.get()
    assert (call.caller, call.callee, call.end_reason, call.codecs) == ("alice", "bob", "bye", "PCMA")
    assert Version.objects.get().number == 1
    assert list((settings.APRESA.spool / "imports").iterdir()) == []
    assert [path.name for path in (settings.APRESA.spool / "importing").iterdir()] == []


def test_a_deleted_call_is_not_imported_again_and_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture = str(write_call_capture(tmp_path / "call.pcap"))
    run(capsys, capture)
    delete_call(Call.objects.get(), who="anna", why=Why.PERSON)
    assert run(capsys, capture) == (0, "", "0 calls, 1 not stored as deleted before or refused by a rule.\n")
    assert Call.objects.count() == 0


def test_on_a_secondary_the_calls_wait_in_the_spool(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = str(write_call_capture(tmp_path / "call.pcap"))
    node.join_as_secondary("recorder-1")
    status, _, said = run(capsys, capture)
    assert (status, said) == (1, "This machine is not the cluster's active node: the calls wait in its spool.\n")
    assert [path.suffix for path in (settings.APRESA.spool / "imports").rglob("*.call")] == [".call"]


def test_the_rest_of_a_call_that_was_cut_joins_what_is_stored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, str(write_call_capture(tmp_path / "half.pcap", most=60)))[0] == 0
    assert Call.objects.get().end_reason == "capture_end"
    assert run(capsys, str(write_call_capture(tmp_path / "call.pcap")))[0] == 0
    call = Call.objects.get()
    assert (call.end_reason, call.version) == ("bye", 2)
    assert list(call.streams.values_list("packets", "duplicates")) == [(50, 0), (50, 0)]


def test_scratch_prints_the_call_and_leaves_nothing_behind(tmp_path: Path) -> None:
    capture = write_call_capture(tmp_path / "call.pcap", call_id="../../x")
    os.environ["TMPDIR"] = str(tmp_path)
    try:
        done = scratch("--format", "wav", "--audio-dir", str(tmp_path / "audio"), str(capture))
    finally:
        del os.environ["TMPDIR"]
    assert done.returncode == 0, done.stderr
    (call,) = calls(done.stdout)
    assert (call["caller"], call["callee"], call["call_ids"]) == ("alice", "bob", ["../../x"])
    assert [(row["codec"], row["packets"], row["seconds"]) for row in call["streams"]] == [("PCMA", 50, 1.0)] * 2
    assert call["audio"] == str(tmp_path / "audio" / "%2E.%2F..%2Fx.wav")
    with wave.open(call["audio"]) as sound:
        assert (sound.getnchannels(), sound.getnframes()) == (2, 8000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["audio", "call.pcap"]
    assert Call.objects.count() == 0


def test_standard_input_and_gzip_are_read_too(tmp_path: Path) -> None:
    packed = gzip.compress(write_call_capture(tmp_path / "call.pcap").read_bytes())
    done = scratch("-", stdin=packed)
    assert (done.returncode, len(calls(done.stdout))) == (0, 1), done.stderr


def test_a_capture_that_is_cut_short_gives_what_was_whole_and_status_1(tmp_path: Path) -> None:
    whole = write_call_capture(tmp_path / "call.pcap").read_bytes()
    (tmp_path / "cut.pcap").write_bytes(whole[:-100])
    done = scratch(str(tmp_path / "cut.pcap"))
    assert (done.returncode, len(calls(done.stdout))) == (1, 1)
    assert b"ends in the middle of packet" in done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"this is no capture at all, just words", b"capture"), (b"", b""), (gzip.compress(bytes(50_000_000)), b"")],
)
def test_what_is_no_capture_gets_one_sentence_and_status_1(tmp_path: Path, content: bytes, words: bytes) -> None:
    (tmp_path / "odd").write_bytes(content)
    done = scratch("--max-size", "10000000", str(tmp_path / "odd"))
    assert (done.returncode, done.stdout) == (1, b"")
    sentences = [line for line in done.stderr.splitlines() if line != b"0 calls."]
    assert len(sentences) == 1
    assert words in sentences[0]
    assert b"Traceback" not in done.stderr


def test_a_missing_file_and_wrong_usage_have_their_own_statuses(tmp_path: Path) -> None:
    missing = scratch(str(tmp_path / "missing.pcap"))
    assert (missing.returncode, missing.stderr.count(b"\n")) == (1, 1)
    assert scratch("--max-size", "-1", "x").returncode == 2
    assert scratch().returncode == 2
