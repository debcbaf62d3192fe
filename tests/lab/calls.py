"""Many calls at once by SIPp, each with real RTP that we made and can compare."""

import random
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.write import LINK_ETHERNET, udp_frame, write_pcap
from tests.lab.network import Lab, inside

SCENARIOS = Path(__file__).with_name("scenarios")
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


@contextmanager
def calls(lab: Lab, folder: Path, speech: tuple[bytes, bytes], count: int) -> Iterator[subprocess.Popen[bytes]]:
    """Place `count` calls at once; the process is the callers' SIPp, which ends when all calls have ended."""
    milliseconds = len(speech[0]) // 8 + 300
    for name, octets, ssrc in (("caller", speech[0], 0x11111111), ("callee", speech[1], 0x22222222)):
        write_speech(folder / f"{name}.pcap", octets, ssrc)
        scenario = (SCENARIOS / f"{name}.xml").read_text(encoding="ascii")
        scenario = scenario.replace("@AUDIO@", str(folder / f"{name}.pcap"))
        (folder / f"{name}.xml").write_text(scenario.replace("@MILLISECONDS@", str(milliseconds)), encoding="ascii")
    common = ["-nostdin", "-trace_err", "-m", str(count), "-timeout", "120s"]
    uas = ["-sf", str(folder / "callee.xml"), "-i", lab.callee_address, "-mi", lab.callee_address]
    uac = ["-sf", str(folder / "caller.xml"), "-i", lab.caller_address, "-mi", lab.caller_address]
    uac += ["-r", "10", "-l", str(count), f"{lab.callee_address}:5060"]
    with _sipp(lab.callee, [*uas, *common], folder), _sipp(lab.caller, [*uac, *common], folder) as callers:
        yield callers


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
