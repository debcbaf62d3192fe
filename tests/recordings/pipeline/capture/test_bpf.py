import subprocess
import sys
from pathlib import Path

import pytest

from recordings.pipeline.capture.bpf import SNAPLEN, Instruction, ethernet_program, everything_program
from recordings.pipeline.capture.frames import DecodeError
from recordings.pipeline.capture.link import decode
from recordings.pipeline.capture.pcap import read_frames
from tests.samples.packets import INNER, INNER6
from tests.samples.shared import capture_files

MACS = INNER[:12]
ARP = b"\x08\x06" + bytes(28)
REFUSED = {
    "arp": MACS + ARP,
    "lldp": MACS + b"\x88\xcc" + bytes(40),
    "spanning tree": MACS + b"\0\x26\x42\x42\x03" + bytes(40),
    "pppoe discovery": MACS + b"\x88\x63" + bytes(40),
    "arp behind a tag": MACS + b"\x81\0\0\1" + ARP,
    "arp behind two tags": MACS + b"\x88\xa8\0\1\x81\0\0\1" + ARP,
    "a frame without a type": MACS,
    "a tag without a type": MACS + b"\x81\0\0\1",
}
KEPT = {
    "ipv4": INNER,
    "ipv6": INNER6,
    "mpls": MACS + b"\x88\x47" + bytes(8),
    "mpls multicast": MACS + b"\x88\x48" + bytes(8),
    "pppoe session": MACS + b"\x88\x64" + bytes(8),
    "ipv4 behind a tag": MACS + b"\x81\0\0\1" + INNER[12:],
    "ipv6 behind two tags": MACS + b"\x88\xa8\0\1\x81\0\0\1" + INNER6[12:],
    "three tags": MACS + b"\x91\0\0\1\x91\0\0\2\x81\0\0\1" + INNER[12:],
}


def run(program: list[Instruction], data: bytes) -> int:
    """What the kernel's machine returns for a frame, as far as our programs use it."""
    accumulator = position = 0
    while True:
        code, yes, no, value = program[position]
        if code == 0x06:
            return value
        if code == 0x28:
            if value + 2 > len(data):
                return 0
            accumulator = int.from_bytes(data[value : value + 2])
            position += 1
        else:
            assert code == 0x15
            position += 1 + (yes if accumulator == value else no)


@pytest.mark.parametrize("name", KEPT)
def test_what_may_hold_a_call_is_kept(name: str) -> None:
    assert run(ethernet_program(), KEPT[name]) == SNAPLEN


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_hold_a_call_is_refused(name: str) -> None:
    assert run(ethernet_program(), REFUSED[name]) == 0


def test_the_program_for_other_devices_keeps_all() -> None:
    assert run(everything_program(), b"") == SNAPLEN


def test_every_instruction_fits_the_structure_of_the_kernel_and_jumps_forward() -> None:
    program = ethernet_program()
    for number, (_, yes, no, value) in enumerate(program):
        assert 0 <= yes <= 255
        assert 0 <= no <= 255
        assert 0 <= value < 2**32
        if program[number].code == 0x15:
            assert number + 1 + max(yes, no) < len(program)


@pytest.mark.shared
def test_the_program_keeps_every_frame_that_decodes(shared_captures: Path) -> None:
    program, kept = ethernet_program(), 0
    for path in capture_files():
        for one in read_frames(path):
            if one.link != 1 or one.data[12:14] < b"\x06\0":
                continue
            try:
                decoded = decode(one)
            except DecodeError:
                continue
            if decoded is not None:
                assert run(program, one.data) == SNAPLEN, path
                kept += 1
    assert kept > 10_000


# scapy has a licence of its own: it is imported in a process of its own, here too
_SCAPY = """
import sys
from scapy.all import ARP, Dot1AD, Dot1Q, Ether, IP, IPv6, PPPoE, PPPoED
from scapy.contrib.mpls import MPLS
for line in sys.stdin:
    frame = Ether(bytes.fromhex(line))
    print(int(any(layer in frame for layer in (IP, IPv6, MPLS)) or (PPPoE in frame and PPPoED not in frame)))
"""


def test_the_program_agrees_with_scapy() -> None:
    unknown_to_scapy = {"mpls multicast", "three tags"}  # 0x8848, 0x9100
    known = {name: data for name, data in (KEPT | REFUSED).items() if name not in unknown_to_scapy and len(data) > 16}
    samples = list(known.values())
    lines = "\n".join(data.hex() for data in samples)
    done = subprocess.run(
        [sys.executable, "-c", _SCAPY], input=lines, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == [str(int(run(ethernet_program(), data) > 0)) for data in samples]
