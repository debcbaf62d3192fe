"""The recording component on a real interface: a virtual cable, real packets, real kills."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.layout import Session
from tests.samples.cable import connect, cut, laid, send, wait_for
from tests.samples.encapsulations import LISTENER, SPEAKER, TAGS, WRAPPED, wrapped
from tests.samples.flows import Sent, all_packets, flow, journal, packets, rtp, stored, talk
from tests.samples.sealing import all_bytes, boot, reboot, sealed_session, unlock

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="making network interfaces and capturing from them needs root"),
]
FLOWS, PACKETS = 100, 200


@pytest.fixture
def cable() -> Iterator[tuple[str, str]]:
    with laid() as ends:
        yield ends


@contextmanager
def recording(session: Session, interface: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A holder at work."""
    command = [sys.executable, "-m", "worker.sniffer.holder", "--session", str(session.path), "--node", "n1"]
    holder = subprocess.Popen([*command, "--interface", interface, *arguments])
    try:
        wait_for(lambda: is_heard(session))
        yield holder
    finally:
        holder.terminate()
        holder.wait(60)


def is_heard(session: Session) -> bool:
    try:
        return journal(session, Kind.TICK) != []
    except OSError:  # the session of before a reboot, which moves aside
        return False


def sniffer_of(holder: subprocess.Popen[bytes]) -> int:
    """Process id of the holder's present sniffer, 0 while there is none."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == holder.pid and b"worker.sniffer.sniffer" in words:
            return int(path.name)
    return 0


def open_to_all(folder: Path) -> Path:
    """A folder in which the holder can work as another user."""
    folder.chmod(0o777)
    for above in folder.parents[:2]:
        above.chmod(0o755)
    return folder


def on_wire(sent: list[Sent]) -> list[bytes]:
    return [one.frame().data for one in sent]


def test_a_killed_sniffer_loses_no_packet(tmp_path: Path, cable: tuple[str, str]) -> None:
    session, sent = Session(tmp_path / "live"), talk(range(FLOWS), PACKETS)
    killed: list[int] = []
    with recording(session, cable[0]) as holder:

        def kill(number: int) -> None:
            if number % 4000 == 1999 and (pid := sniffer_of(holder)):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

        send(cable[1], on_wire(sent), per_second=5000, meanwhile=kill)
        wait_for(lambda: sniffer_of(holder) not in (0, *killed))
    assert len(killed) >= 3
    found = all_packets(session)
    missing = [number for number, one in enumerate(sent) if (one.flow, one.packet) not in found]
    assert missing == []
    assert len(found) == len(sent)
    assert {flow: len(several) for flow, several in stored(session).items()} == {flow(n): 1 for n in range(FLOWS)}
    assert journal(session, Kind.HOLE) == []


def test_a_killed_sniffer_of_sealed_calls_loses_no_packet_and_leaves_none_in_clear(
    tmp_path: Path, cable: tuple[str, str]
) -> None:
    session, sent = sealed_session(tmp_path / "live", "n1"), talk(range(20), PACKETS)
    killed: list[int] = []
    with boot() as keys, recording(session, cable[0], "--keys", str(keys.path)) as holder:

        def kill(number: int) -> None:
            if number % 1000 == 499 and (pid := sniffer_of(holder)):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

        send(cable[1], on_wire(sent), per_second=1000, meanwhile=kill)
        wait_for(lambda: sniffer_of(holder) not in (0, *killed))
        holder.terminate()
        holder.wait(60)
        assert len(killed) >= 3
        found = all_packets(session)
        assert set(found) == {(one.flow, one.packet) for one in sent}
        assert {flow: len(several) for flow, several in stored(session).items()} == {flow(n): 1 for n in range(20)}
        assert journal(session, Kind.HOLE) == []
    disk = all_bytes(session.path)
    assert [one.packet[12:] in disk for one in sent] == [False] * len(sent)


def test_after_a_reboot_recording_goes_on_beside_what_is_sealed(tmp_path: Path, cable: tuple[str, str]) -> None:
    session, sent = sealed_session(tmp_path / "live", "n1"), talk([1], 50)
    with boot() as keys:
        with recording(session, cable[0], "--keys", str(keys.path)):
            send(cable[1], on_wire(sent), per_second=500)
        reboot(keys)
        with recording(session, cable[0], "--keys", str(keys.path)):
            send(cable[1], on_wire(sent), per_second=500)
        [old] = (Session(path) for path in (tmp_path / "waiting").iterdir())
        assert set(all_packets(session)) == {(one.flow, one.packet) for one in sent}
        with pytest.raises(OSError, match="waits for unlock"):
            all_packets(old)
        unlock(old, keys)
        assert set(all_packets(old)) == {(one.flow, one.packet) for one in sent}


def test_a_killed_holder_costs_a_gap_that_is_noted(tmp_path: Path, cable: tuple[str, str]) -> None:
    session = Session(tmp_path / "live")
    first, second = talk([1], 50), talk([1], 50, seed=8)
    with recording(session, cable[0]) as holder:
        send(cable[1], on_wire(first), per_second=500)
        pid = sniffer_of(holder)
        holder.kill()
        holder.wait()
        wait_for(lambda: not Path(f"/proc/{pid}").exists())
    killed_ns = time.time_ns()
    ticks = len(journal(session, Kind.TICK))
    with recording(session, cable[0]):
        wait_for(lambda: len(journal(session, Kind.TICK)) > ticks)
        send(cable[1], on_wire(second), per_second=500)
    assert set(all_packets(session)) == {(one.flow, one.packet) for one in first + second}
    boots = journal(session, Kind.BOOT)
    assert [record.facts()["since_ns"] is None for record in boots] == [True, False]
    assert boots[1].facts()["since_ns"] < killed_ns < boots[1].time_ns
    assert [record.number for record in journal(session)] == list(range(1, len(journal(session)) + 1))


def test_tags_and_text_reach_the_journal_as_they_were_on_the_wire(tmp_path: Path, cable: tuple[str, str]) -> None:
    session = Session(tmp_path / "live")
    message = Sent(0, ("192.0.2.1:5060", "192.0.2.2:5060"), b"OPTIONS sip:bob@example.org SIP/2.0\r\n\r\n", (7, 8))
    media = [Sent(0, flow(1), rtp(number), (7,)) for number in range(10)]
    with recording(session, cable[0]):
        send(cable[1], on_wire([message, *media]), per_second=1000)
    assert [record.frame().data for record in journal(session, Kind.FRAME)] == [message.frame().data]
    assert [data.header.vlan for data in stored(session)[flow(1)]] == [(7,)]


@pytest.mark.parametrize("user", ["", "nobody"])
def test_an_interface_made_anew_is_heard_again(tmp_path: Path, cable: tuple[str, str], user: str) -> None:
    session, sent = Session(open_to_all(tmp_path) / "live"), talk([1], 20)
    with recording(session, cable[0], "--user", user):
        cut(cable)
        connect(cable)
        wait_for(lambda: _sniffers_heard(session) >= 2)
        send(cable[1], on_wire(sent), per_second=500)
    assert set(all_packets(session)) == {(one.flow, one.packet) for one in sent}


def test_an_interface_that_is_not_there_yet_is_waited_for(tmp_path: Path, cable: tuple[str, str]) -> None:
    session, sent = Session(tmp_path / "live"), talk([1], 20)
    cut(cable)
    with recording(session, cable[0]):
        wait_for(lambda: _interfaces(session) == [(cable[0], False)])
        connect(cable)
        wait_for(lambda: _interfaces(session) == [(cable[0], True)] and _sniffers_heard(session) >= 2)
        send(cable[1], on_wire(sent), per_second=500)
    assert set(all_packets(session)) == {(one.flow, one.packet) for one in sent}


def _interfaces(session: Session) -> list[tuple[str, bool]]:
    try:
        status = json.loads((session.path / "status.json").read_text())
    except OSError:
        return []
    return [(one["name"], one["up"]) for one in status["interfaces"]]


def _sniffers_heard(session: Session) -> int:
    """Sniffers that this session's status has seen."""
    try:
        status = json.loads((session.path / "status.json").read_text())
    except OSError:
        return 0
    return int(status["sniffers"]) if status["interfaces"][0]["up"] else 0


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["--interface", "lo", "--user", "nobody-of-this-name"], 2, "There is no user nobody-of-this-name."),
    ],
)
def test_what_cannot_work_is_refused_in_one_sentence(
    tmp_path: Path, arguments: list[str], status: int, sentence: str
) -> None:
    command = [sys.executable, "-m", "worker.sniffer.holder", "--session", str(tmp_path / "s"), "--node", "n1"]
    result = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, timeout=20)
    assert (result.returncode, sentence in result.stderr, result.stderr.count("\n")) == (status, True, 1)


def test_a_second_recorder_on_the_same_spool_is_refused(tmp_path: Path, cable: tuple[str, str]) -> None:
    session = Session(tmp_path / "live")
    command = [sys.executable, "-m", "worker.sniffer.holder", "--session", str(session.path), "--node", "n1"]
    with recording(session, cable[0]):
        result = subprocess.run(
            [*command, "--interface", cable[0]], capture_output=True, text=True, check=False, timeout=20
        )
    assert result.returncode == 5
    assert result.stderr == f"Calls cannot be recorded: another holder is already at work in {session.path}.\n"


def test_children_of_a_holder_started_as_root_have_no_rights(tmp_path: Path, cable: tuple[str, str]) -> None:
    session = Session(open_to_all(tmp_path) / "live")
    with recording(session, cable[0], "--user", "nobody") as holder:
        wait_for(lambda: sniffer_of(holder) != 0)
        states = [Path(f"/proc/{pid}/status").read_text() for pid in (holder.pid, sniffer_of(holder))]
        send(cable[1], on_wire(talk([1], 10)), per_second=500)
    rights = [
        {line.split()[0]: line.split()[1] for line in state.splitlines() if line[:3] in ("Uid", "Cap")}
        for state in states
    ]
    assert [right["Uid:"] for right in rights] == ["65534", "65534"]
    assert [int(right["CapEff:"], 16) for right in rights] == [1 << 13, 0]
    assert len(all_packets(session)) == 10


@pytest.mark.parametrize("name", ["QinQ", "ERSPAN II", "VXLAN"])
def test_a_stream_in_a_tunnel_comes_whole_from_the_wire(tmp_path: Path, cable: tuple[str, str], name: str) -> None:
    session, spoken = Session(tmp_path / "live"), [rtp(number, payload=bytes([number]) * 160) for number in range(100)]
    with recording(session, cable[0]):
        send(cable[1], [wrapped(packet)[name][1] for packet in spoken], per_second=2000)
    [stream] = stored(session)[SPEAKER, LISTENER]
    found = stream.header.encapsulation, stream.header.vlan, packets(stream)
    assert found == (WRAPPED[name][0], TAGS.get(name, ()), spoken)
