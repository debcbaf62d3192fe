"""HEP agents heard on real sockets: by the listener alone, and by a whole recording component without an interface."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path

import pytest

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.spool.calls import read_call
from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.layout import Session
from tests.samples.cable import wait_for
from tests.samples.flows import journal, packets, rtp, stored
from tests.samples.packets import hep, hep3
from tests.samples.signalling import sdp, sip
from worker.sniffer import arena
from worker.sniffer.hep_listener import HepListener, ListenSource, write_listeners
from worker.sniffer.listening import Listener
from worker.sniffer.ring import Rings
from worker.sniffer.shared import RingWord, Word

ALICE, BOB = "192.0.2.1:5060", "192.0.2.2:5060"
ALICE_MEDIA, BOB_MEDIA = "192.0.2.1:4000", "192.0.2.2:6000"
OPTIONS = b"OPTIONS sip:bob@example.org SIP/2.0\r\n\r\n"
HERE = [ip_network("127.0.0.0/8")]


def free_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def opened() -> Iterator[Listener]:
    made = Listener(free_address(), 0)
    assert made.open()
    yield made
    for one in made.sockets:
        one.close()


def listening(opened: Listener, allowed: list[str] | None = None) -> HepListener:
    udp, tcp = (one.dup().detach() for one in opened.sockets)
    networks = HERE if allowed is None else [ip_network(one) for one in allowed]
    return HepListener(ListenSource(udp, tcp, 0, opened.address), networks, arena.private(8).control, Rings([]))


def there(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


def frames(listener: HepListener, count: int) -> list[Frame]:
    """What comes until there are so many frames."""
    found: list[Frame] = []

    def enough() -> bool:
        if (batch := listener.batch()) is not None:
            found.extend(batch.frame(row) for row in range(len(batch)))
        return len(found) >= count

    wait_for(enough, 30)
    return found


def test_copies_over_udp_and_tcp_become_frames_that_carry_them(opened: Listener) -> None:
    listener = listening(opened)
    udp, tcp = [hep(1, OPTIONS), hep(2, OPTIONS), hep3(OPTIONS)], [hep3(OPTIONS + bytes([n])) for n in range(3)]
    with socket.socket(type=socket.SOCK_DGRAM) as agent:
        for message in udp:
            agent.sendto(message, there(opened.address))
        got = frames(listener, 3)
    with socket.create_connection(there(opened.address)) as agent:
        agent.sendall(b"".join(tcp)[:100])
        agent.sendall(b"".join(tcp)[100:])
        got += frames(listener, 3)
    assert [frame.data[42:] for frame in got] == udp + tcp
    assert {host: (heard.frames, heard.bad) for host, heard in listener.heard.items()} == {"127.0.0.1": (6, 0)}
    listener.close()


def test_what_is_not_hep_is_counted_and_costs_its_connection_only(opened: Listener) -> None:
    listener = listening(opened)
    with socket.socket(type=socket.SOCK_DGRAM) as agent, socket.create_connection(there(opened.address)) as bad:
        for message in (OPTIONS, b"", b"HEP3\0\x06", hep3(OPTIONS)[:-3], hep3(OPTIONS)):
            agent.sendto(message, there(opened.address))
        bad.sendall(OPTIONS)
        assert [frame.data[42:] for frame in frames(listener, 1)] == [hep3(OPTIONS)]
        wait_for(lambda: listener.batch() is None and listener.heard["127.0.0.1"].bad == 5, 30)
        bad.settimeout(30)
        with suppress(ConnectionResetError):  # what it sent may not have been read to its end
            assert bad.recv(1) == b""
    assert listener.control.get(Word.MALFORMED) == 5
    listener.close()


def test_a_sender_that_is_not_allowed_is_refused(opened: Listener) -> None:
    listener = listening(opened, ["192.0.2.0/24"])
    with socket.socket(type=socket.SOCK_DGRAM) as agent, socket.create_connection(there(opened.address)):
        agent.sendto(hep3(OPTIONS), there(opened.address))
        wait_for(lambda: listener.batch() is None and listener.refused == 2, 30)
    assert (listener.heard, listener.control.ring(0, RingWord.RECEIVED)) == ({}, 0)
    listener.close()


def test_more_sources_than_are_listed_count_as_one(opened: Listener, tmp_path: Path) -> None:
    listener = listening(opened)
    with socket.socket(type=socket.SOCK_DGRAM) as agent:
        agent.sendto(hep3(OPTIONS), there(opened.address))
        frames(listener, 1)
    listener.heard |= {f"192.0.2.{number}": listener.heard["127.0.0.1"] for number in range(63)}
    for host in ("198.51.100.1", "198.51.100.2"):
        listener._bad(host)
    assert (len(listener.heard), listener.heard["*"].bad) == (65, 2)
    write_listeners(tmp_path, [listener])
    [told] = json.loads((tmp_path / "listeners.json").read_text())["listeners"]
    assert (told["address"], len(told["sources"])) == (opened.address, 65)
    listener.close()


def test_an_address_that_is_taken_says_why_and_is_listened_on_later() -> None:
    first = Listener(free_address(), 0)
    second = Listener(first.address, 1)
    assert (first.open(), first.open(), second.open(), second.fault) == (True, False, False, "Address already in use")
    for one in first.sockets:
        one.close()
    assert (second.open(), second.fault) == (True, "")
    for one in second.sockets:
        one.close()


def text(first_line: str, cseq: str, to: str, body: bytes = b"") -> bytes:
    headers = {
        "Via": f"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{cseq.replace(' ', '')}",
        "From": "<sip:alice@example.org>;tag=a",
        "To": f"<sip:bob@example.org>{to}",
        "Call-ID": "hep-1",
        "CSeq": cseq,
    }
    return sip(first_line, headers, body)


def test_a_call_that_an_agent_copies_is_recorded_without_any_interface(tmp_path: Path) -> None:
    session, address = Session(tmp_path / "live"), free_address()
    command = [sys.executable, "-m", "worker.sniffer.holder", "--session", str(session.path), "--node", "n1"]
    holder = subprocess.Popen([*command, "--hep", address, "--hep-source", "127.0.0.1"])
    speech = [rtp(number, payload=number.to_bytes(2) * 80) for number in range(50)]
    try:
        wait_for(lambda: journal(session, Kind.TICK) != [], 60)
        with socket.socket(type=socket.SOCK_DGRAM) as agent, socket.create_connection(there(address)) as reliable:

            def copy(payload: bytes, *ends: str) -> None:
                agent.sendto(hep3(payload, ends=(ends[0], ends[1])), there(address))

            copy(text("INVITE sip:bob@example.org SIP/2.0", "1 INVITE", "", sdp(ALICE_MEDIA)), ALICE, BOB)
            reliable.sendall(hep3(text("SIP/2.0 200 OK", "1 INVITE", ";tag=b", sdp(BOB_MEDIA)), ends=(BOB, ALICE)))
            for packet in speech:
                copy(packet, ALICE_MEDIA, BOB_MEDIA)
                time.sleep(0.002)
            copy(text("BYE sip:bob@example.org SIP/2.0", "2 BYE", ";tag=b"), ALICE, BOB)
            wait_for(lambda: any(session.calls.glob("*.call")), 60)
    finally:
        holder.terminate()
        assert holder.wait(60) == 0
    [path] = session.calls.glob("*.call")
    call = read_call(path)
    assert (call.call_ids, call.caller, call.callee, call.end_reason) == (("hep-1",), "alice", "bob", "bye")
    [data] = stored(session)[ALICE_MEDIA, BOB_MEDIA]
    assert (data.header.encapsulation, packets(data)) == ("hep", speech)
    assert [binding.stream for binding in call.streams] == [data.header.stream]
    assert journal(session, Kind.HOLE) == []
