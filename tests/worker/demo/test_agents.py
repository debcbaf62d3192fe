import asyncio
from pathlib import Path

from worker.demo.agents import place_call, write_capture
from worker.demo.sip import Address

SPEECH = (bytes(range(256)) * 5, bytes(reversed(range(256))) * 5)  # 1280 octets: 8 packets of 20 ms
Sent = list[tuple[int, Address, Address, bytes]]


def placed() -> Sent:
    sent: Sent = []
    asyncio.run(place_call(("127.0.0.2", "127.0.0.3"), SPEECH, lambda *what: sent.append((len(sent), *what)), ring=0.0))
    return sent


def test_a_call_goes_from_invite_to_bye() -> None:
    first_lines = [data.split(b"\r\n")[0].decode() for _n, _a, _b, data in placed() if b"SIP/2.0" in data[:200]]
    assert [line.replace("SIP/2.0 ", "").split()[0] for line in first_lines] == [
        "INVITE",
        "100",
        "180",
        "200",
        "ACK",
        "BYE",
        "200",
    ]


def test_each_side_speaks_its_own_octets_from_its_own_address() -> None:
    media = [(a[0], data) for _n, a, _b, data in placed() if len(data) == 172]
    spoken = {host: b"".join(data[12:] for speaker, data in media if speaker == host) for host, _data in media}
    assert spoken == {"127.0.0.2": SPEECH[0], "127.0.0.3": SPEECH[1]}


def test_a_capture_file_holds_each_datagram(tmp_path: Path) -> None:
    sent = placed()
    write_capture(tmp_path / "call.pcap", sent)
    octets = (tmp_path / "call.pcap").read_bytes()
    assert [octets.count(data) >= 1 for _n, _a, _b, data in sent] == [True] * len(sent)
    assert len(octets) == 24 + sum(16 + 42 + len(data) for _n, _a, _b, data in sent)
