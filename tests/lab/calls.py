"""Many calls at once by SIPp, each with real RTP that we made and can compare."""

import json
import random
import struct
import subprocess
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.write import LINK_ETHERNET, udp_frame, write_pcap
from tests.lab.network import Lab, inside
from worker.demo.node import Node, wait_for

SCENARIOS = Path(__file__).with_name("scenarios")
_SPEAKING = '<nop><action><exec play_pcap_audio="@AUDIO@"/></action></nop>'
SIP = 5060
OCTETS = 160  # of G.711 in one packet of 20 ms


def noise(seed: int, seconds: float) -> bytes:
    """G.711 µ-law in which no two places are alike; soft, as all octets alike often would pass for encrypted."""
    soft = bytes(range(0xE0, 0xFF)) + bytes(range(0x60, 0x7F))
    return bytes(random.Random(seed).choices(soft, k=int(seconds * 50) * OCTETS))


def write_speech(path: Path, octets: bytes, ssrc: int) -> None:
    """The capture file that SIPp plays: one RTP packet each 20 ms."""
    frames = []
    for number in range(len(octets) // OCTETS):
        head = struct.pack(">BBHII", 0x80, 0x80 if number == 0 else 0, number, number * OCTETS, ssrc)
        packet = head + octets[number * OCTETS : (number + 1) * OCTETS]
        data = udp_frame("192.0.2.1:4000", "192.0.2.2:4000", packet)
        frames.append(Frame(time_ns=number * 20_000_000, link=LINK_ETHERNET, data=data, length=len(data)))
    with path.open("wb") as file:
        write_pcap(file, frames)


def recordings(node: Node, count: int) -> list[dict[str, Any]]:
    """All calls once there are as many as were placed and nothing more comes: the spool has no ended call left."""

    def settled() -> list[dict[str, Any]] | None:
        found = node.calls()
        left = list((node.data / "spool" / "live" / "calls").glob("*.call"))
        return found if len(found) >= count and not left else None

    return [detail(node, call["id"]) for call in wait_for("the last recording", settled, 90)]


def detail(node: Node, identity: str) -> dict[str, Any]:
    def ask() -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads(node.get(f"/api/v1/calls/{identity}/"))
        except urllib.error.URLError:
            return None
        return found

    return wait_for("the call", ask, 30)


@contextmanager
def calls(
    lab: Lab, folder: Path, speech: tuple[bytes, bytes], count: int, *, transport: str = "u1", ipv6: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """Place `count` calls at once; the process is the callers' SIPp, which ends when all calls have ended.

    Who has nothing to say sends no RTP. `transport` as SIPp names it: u1 is UDP, t1 TCP.
    """
    # Beyond the speech: on a busy machine SIPp plays late, and who hangs up cuts off what is not sent yet.
    milliseconds = max(len(octets) for octets in speech) // 8 + 1500
    for name, octets, ssrc in (("caller", speech[0], 0x11111111), ("callee", speech[1], 0x22222222)):
        write_speech(folder / f"{name}.pcap", octets, ssrc)
        scenario = (SCENARIOS / f"{name}.xml").read_text(encoding="ascii")
        if octets:
            scenario = scenario.replace("@AUDIO@", str(folder / f"{name}.pcap"))
        else:
            scenario = scenario.replace(_SPEAKING, "")
        (folder / f"{name}.xml").write_text(scenario.replace("@MILLISECONDS@", str(milliseconds)), encoding="ascii")
    caller, callee = (lab.caller_address6, lab.callee_address6) if ipv6 else (lab.caller_address, lab.callee_address)
    common = ["-t", transport, "-nostdin", "-trace_err", "-m", str(count), "-timeout", "120s"]
    uas = ["-sf", str(folder / "callee.xml"), "-i", callee, "-mi", callee]
    uac = ["-sf", str(folder / "caller.xml"), "-i", caller, "-mi", caller]
    uac += ["-r", "10", "-l", str(count), f"[{callee}]:5060" if ipv6 else f"{callee}:5060"]
    with _sipp(lab.callee, [*uas, *common], folder) as callees:
        wait_for("SIPp's listener", lambda: _listens(callees) or None)  # TCP is refused until then
        with _sipp(lab.caller, [*uac, *common], folder) as callers:
            yield callers


def _listens(process: "subprocess.Popen[bytes]") -> bool:
    """Whether a socket of its network namespace has SIP's port (proc_pid_net(5): the local address is hexadecimal)."""
    tables = [Path(f"/proc/{process.pid}/net/{name}").read_text() for name in ("udp", "udp6", "tcp", "tcp6")]
    addresses = [line.split()[1] for table in tables for line in table.splitlines()[1:]]
    return any(address.endswith(f":{SIP:04X}") for address in addresses)


@contextmanager
def _sipp(namespace: str, words: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [*inside(namespace), "sipp", *words]
    with (folder / f"{namespace}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
