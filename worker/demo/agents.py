"""Two telephones that place one real call between two addresses of this machine: SIP and RTP over UDP.

`python -m worker.demo.agents --caller 127.0.0.2 --callee 127.0.0.3` speaks the samples and prints one JSON object.
"""

import argparse
import asyncio
import json
import random
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.write import LINK_ETHERNET, udp_frame, write_pcap
from worker.demo.sip import Address, Dialog, Party, sdp

SAMPLES = Path(__file__).resolve().parent / "samples"
PACKET = 160  # octets of G.711 in 20 ms
PACE = 0.02
Sent = Callable[[Address, Address, bytes], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What the telephones did; times in Unix nanoseconds."""

    call_id: str
    started_ns: int
    first_rtp_ns: int
    bye_ns: int
    packets: dict[str, int]


class Line(asyncio.DatagramProtocol):
    """One UDP socket of a telephone: what arrives is queued, what is sent is told to `sent`."""

    def __init__(self, sent: Sent) -> None:
        self.arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self.own: Address = ("", 0)
        self._sent = sent
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)  # asyncio's own class does not say so
        self.own = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:  # noqa: ARG002 -- asyncio's signature
        self.arrived.put_nowait(data)

    def send(self, data: bytes, to: Address) -> None:
        if self._transport:
            self._transport.sendto(data, to)
            self._sent(self.own, to, data)

    async def expect(self, beginning: bytes) -> None:
        """Wait for the next message that begins so. Raises TimeoutError after 5 s."""
        async with asyncio.timeout(5):
            while not (await self.arrived.get()).startswith(beginning):
                pass

    def close(self) -> None:
        if self._transport:
            self._transport.close()


async def open_line(host: str, sent: Sent, port: int = 0) -> Line:
    loop = asyncio.get_running_loop()
    _transport, line = await loop.create_datagram_endpoint(lambda: Line(sent), local_addr=(host, port))
    return line


async def speak(line: Line, to: Address, octets: bytes) -> int:
    """Send the speech in real time; gives the number of packets."""
    loop = asyncio.get_running_loop()
    sequence, stamp, ssrc = random.getrandbits(16), random.getrandbits(32), random.getrandbits(32)
    begin = loop.time()
    for index in range(0, len(octets), PACKET):
        number = index // PACKET
        await asyncio.sleep(max(0.0, begin + number * PACE - loop.time()))
        marker = 0x80 if number == 0 else 0
        header = struct.pack(">BBHII", 0x80, marker, (sequence + number) & 0xFFFF, (stamp + index) & 0xFFFFFFFF, ssrc)
        line.send(header + octets[index : index + PACKET], to)
    return -(-len(octets) // PACKET)


async def place_call(hosts: tuple[str, str], speech: tuple[bytes, bytes], sent: Sent, ring: float = 0.4) -> Report:
    """One call from the first host to the second, each speaking its part; the caller hangs up."""
    lines = [await open_line(host, sent) for host in hosts for _ in ("sip", "rtp")]
    a_sip, a_rtp, b_sip, b_rtp = lines
    caller = Party("Alice", "+31201234567", a_sip.own, a_rtp.own)
    callee = Party("Bob", "+31107654321", b_sip.own, b_rtp.own)
    dialog = Dialog(caller, callee)
    try:
        started = time.time_ns()
        a_sip.send(dialog.request("INVITE", 1, sdp(caller)), callee.sip)
        await b_sip.expect(b"INVITE ")
        b_sip.send(dialog.response("100 Trying", "INVITE", 1), caller.sip)
        b_sip.send(dialog.response("180 Ringing", "INVITE", 1), caller.sip)
        await asyncio.sleep(ring)
        b_sip.send(dialog.response("200 OK", "INVITE", 1, sdp(callee)), caller.sip)
        await a_sip.expect(b"SIP/2.0 200 ")
        a_sip.send(dialog.request("ACK", 1), callee.sip)
        first = time.time_ns()
        counts = await asyncio.gather(speak(a_rtp, callee.rtp, speech[0]), speak(b_rtp, caller.rtp, speech[1]))
        await asyncio.sleep(PACE)
        bye = time.time_ns()
        a_sip.send(dialog.request("BYE", 2), callee.sip)
        await b_sip.expect(b"BYE ")
        b_sip.send(dialog.response("200 OK", "BYE", 2), caller.sip)
        await a_sip.expect(b"SIP/2.0 200 ")
    finally:
        for line in lines:
            line.close()
    return Report(dialog.call_id, started, first, bye, dict(zip(("caller", "callee"), counts, strict=True)))


def samples() -> tuple[bytes, bytes]:
    """What the caller and the callee say, G.711 µ-law at 8 kHz."""
    return (SAMPLES / "caller.ulaw").read_bytes(), (SAMPLES / "callee.ulaw").read_bytes()


def write_capture(path: Path, sent: list[tuple[int, Address, Address, bytes]]) -> None:
    """The call as a capture file, for a machine on which we may not capture packets."""
    with path.open("wb") as file:
        write_pcap(file, (_frame(*item) for item in sent))


def _frame(time_ns: int, source: Address, to: Address, data: bytes) -> Frame:
    octets = udp_frame("{}:{}".format(*source), "{}:{}".format(*to), data)
    return Frame(time_ns=time_ns, link=LINK_ETHERNET, data=octets, length=len(octets))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--caller", default="127.0.0.2", help="address of the calling telephone")
    parser.add_argument("--callee", default="127.0.0.3", help="address of the called telephone")
    parser.add_argument("--pcap", type=Path, help="also write what was sent to this capture file")
    options = parser.parse_args()
    sent: list[tuple[int, Address, Address, bytes]] = []
    keep = options.pcap is not None

    def remember(source: Address, to: Address, data: bytes) -> None:
        if keep:
            sent.append((time.time_ns(), source, to, data))

    report = asyncio.run(place_call((options.caller, options.callee), samples(), remember))
    if keep:
        write_capture(options.pcap, sent)
    fields = {name: getattr(report, name) for name in Report.__slots__}
    print(json.dumps(fields), flush=True)  # noqa: T201 -- the output of this program


if __name__ == "__main__":
    main()
