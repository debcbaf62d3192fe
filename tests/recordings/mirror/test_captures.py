"""Mirror ports with a fault, as captures: through sniffer, signalling and settle, into the report."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from recordings.mirror.judge import judge
from recordings.mirror.types import Finding
from recordings.mirror.types import Path as Way
from recordings.models import Decision
from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.link import decode
from recordings.pipeline.capture.write import write_pcap
from recordings.queries.mirror import gather
from tests.samples.call_capture import frames
from tests.samples.signalling import ALICE_MEDIA, BOB_MEDIA

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.django_db(databases=["default", "node"]),
    pytest.mark.usefixtures("platform"),
]
ROOT = Path(__file__).resolve().parents[3]
CALLS = 10
APART_NS = 100 * 10**9  # sound that goes on within a minute is one call
Fault = Callable[[list[Frame]], list[Frame]]


@pytest.fixture(autouse=True)
def _own_spool(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.APRESA.__dict__, "spool", tmp_path_factory.mktemp("spool"))


def source(frame: Frame) -> str:
    return str(getattr(decode(frame), "source", ""))


def tagged(vlan: int) -> Fault:
    tag = b"\x81\x00" + vlan.to_bytes(2, "big")
    return lambda call: [replace(one, data=one.data[:12] + tag + one.data[12:], length=one.length + 4) for one in call]


def twice(call: list[Frame]) -> list[Frame]:
    """Mirrored at two ports: a millisecond later again."""
    again = [replace(one, time_ns=one.time_ns + 1_000_000) for one in call]
    return sorted(call + again, key=lambda one: one.time_ns)


def one_way(call: list[Frame]) -> list[Frame]:
    return [one for one in call if source(one) != BOB_MEDIA]


def without_sound(call: list[Frame]) -> list[Frame]:
    return [one for one in call if source(one) not in {ALICE_MEDIA, BOB_MEDIA}]


def without_signalling(call: list[Frame]) -> list[Frame]:
    """Each call from a port of its own, as its time tells it."""
    sound = [one for one in call if source(one) in {ALICE_MEDIA, BOB_MEDIA}]
    return [replace(one, data=_between(one.data, call[0].time_ns // APART_NS)) for one in sound]


def _between(data: bytes, turn: int) -> bytes:
    """The frame with its larger port (a telephone's) moved on in turn: both directions alike."""
    ports = [int.from_bytes(data[at : at + 2], "big") for at in (34, 36)]
    moved = [port + turn % 1000 * 2 if port == max(ports) else port for port in ports]
    return data[:34] + b"".join(port.to_bytes(2, "big") for port in moved) + data[38:]


def answered_already(call: list[Frame]) -> list[Frame]:
    """All of the signalling up to the answer is missing."""
    return [one for one in call if b"INVITE sip" not in one.data[:60] and b" 100 " not in one.data[:60]]


def written(folder: Path, fault: Fault) -> Path:
    """Ten calls of the last minutes, as a port with this fault delivers them."""
    begin = time.time_ns() - (CALLS + 1) * APART_NS
    sent: list[Frame] = []
    for number in range(CALLS):
        call = frames(f"call-{number}")
        shift = begin + number * APART_NS - call[0].time_ns
        sent += fault([replace(one, time_ns=one.time_ns + shift) for one in call])
    capture = folder / "mirror.pcap"
    with capture.open("wb") as file:
        write_pcap(file, sent)
    return capture


def deliver(folder: Path, fault: Fault) -> dict[str, Finding]:
    """The report's lines by their topics, once the calls are stored."""
    call_command("import_capture", str(written(folder, fault)))
    return {one.topic: one for one in judge(gather())}


@pytest.mark.parametrize(
    ("fault", "topic", "code"),
    [
        (list, "directions", "one-direction-rare"),
        (one_way, "directions", "one-direction"),
        (without_sound, "media", "sip-without-rtp"),
        (without_signalling, "signalling", "rtp-without-sip"),
        (answered_already, "beginnings", "beginning-unseen"),
    ],
)
def test_the_calls_tell_what_the_port_lacks(tmp_path: Path, fault: Fault, topic: str, code: str) -> None:
    assert deliver(tmp_path, fault)[topic].code == code
    numbers = sorted(Decision.objects.values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_packets_that_come_twice_are_counted_and_recorded_once(tmp_path: Path) -> None:
    deliver(tmp_path, twice)
    streams = gather().streams
    assert (streams.packets, streams.duplicates, streams.lost) == (CALLS * 100, CALLS * 100, 0)
    assert set(Decision.objects.values_list("kept", "reason")) == {("recorded", "whole")}


def test_the_vlans_of_the_sound_are_told(tmp_path: Path) -> None:
    vlans = cycle((tagged(100), tagged(200)))

    def in_turn(call: list[Frame]) -> list[Frame]:
        return next(vlans)(call)

    found = deliver(tmp_path, in_turn)
    assert sorted(gather().streams.paths, key=str) == [Way("vlan 100", 10, 500), Way("vlan 200", 10, 500)]
    assert found["paths"].parameters["seen"] == "vlan 100 (10), vlan 200 (10)"


def test_copies_by_two_vlans_are_one_recording_and_both_are_told(tmp_path: Path) -> None:
    deliver(tmp_path, lambda call: sorted(tagged(100)(call) + call, key=lambda one: one.time_ns))
    streams = gather().streams
    assert [path.wrapping for path in streams.paths] == ["vlan 100 + untagged"]
    assert (streams.packets, streams.duplicates) == (CALLS * 100, CALLS * 100)
    assert set(Decision.objects.values_list("kept", "reason")) == {("recorded", "whole")}


def report(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """In a process of its own, as its databases are replaced."""
    command = [sys.executable, "manage.py", "mirror_report", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False)


def test_a_capture_of_the_port_is_judged_and_nothing_is_stored(tmp_path: Path) -> None:
    ended = report("--json", "--capture", str(written(tmp_path, one_way)))
    told = {one["topic"]: one for one in json.loads(ended.stdout)["findings"]}
    assert (ended.returncode, told["directions"]["code"]) == (2, "one-direction")
    assert (told["port"]["code"], told["port"]["parameters"]["ports"]) == ("port-hears", "mirror.pcap")
    assert told["sizes"]["parameters"]["largest"] > 214
    assert Decision.objects.count() == 0


def test_a_capture_that_is_cut_short_is_judged_as_far_as_it_goes(tmp_path: Path) -> None:
    capture = written(tmp_path, list)
    capture.write_bytes(capture.read_bytes()[:-30])
    ended = report("--capture", str(capture))
    assert b"answered calls were heard from one side only" in ended.stdout
    assert b"mirror.pcap" in ended.stderr


@pytest.mark.parametrize("content", [None, b"", b"no capture at all, but long enough to look at"])
def test_what_is_no_capture_is_said_in_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    capture = tmp_path / "mirror.pcap"
    if content is not None:
        capture.write_bytes(content)
    ended = report("--capture", str(capture))
    assert (ended.returncode, ended.stdout, ended.stderr.count(b"\n")) == (1, b"", 1)
    assert b"mirror.pcap" in ended.stderr
