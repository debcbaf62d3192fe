"""The packet filter that the holder attaches to its socket: a fixed classic BPF program, so nothing need compile one.

It lets through what a call can be in: IPv4, IPv6, MPLS and PPPoE sessions, with any number of VLAN tags. ARP, LLDP,
spanning tree and the like stay in the kernel.
"""

from typing import NamedTuple

SNAPLEN = 1 << 18
_LOAD_HALF, _JUMP_EQUAL, _RETURN = 0x28, 0x15, 0x06  # BPF_LD|BPF_H|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET|BPF_K
_CARRIERS = (0x0800, 0x86DD, 0x8847, 0x8848, 0x8864)
_TAGS = (0x8100, 0x88A8, 0x9100)
_TYPE_AT, _TAG_SIZE, _TAGS_READ = 12, 4, 2


class Instruction(NamedTuple):
    """One `struct sock_filter`; a jump skips `yes` or `no` instructions."""

    code: int
    yes: int
    no: int
    value: int


def ethernet_program() -> list[Instruction]:
    """The program for Ethernet frames: returns SNAPLEN to keep a frame, 0 to refuse it."""
    levels = _TAGS_READ + 1
    per_level = 1 + len(_CARRIERS) + len(_TAGS)
    refuse = levels * per_level
    program: list[Instruction] = []
    for level in range(levels):
        program.append(Instruction(_LOAD_HALF, 0, 0, _TYPE_AT + level * _TAG_SIZE))
        last = level == levels - 1
        behind_tag = refuse + 1 if last else (level + 1) * per_level  # a third tag is let through: decode looks
        for number, ethertype in enumerate(_CARRIERS + _TAGS):
            here = len(program)
            target = refuse + 1 if number < len(_CARRIERS) else behind_tag
            otherwise = refuse if number == per_level - 2 else here + 1
            program.append(Instruction(_JUMP_EQUAL, target - here - 1, otherwise - here - 1, ethertype))
    return [*program, Instruction(_RETURN, 0, 0, 0), Instruction(_RETURN, 0, 0, SNAPLEN)]


def everything_program() -> list[Instruction]:
    """The program for devices that are not Ethernet (a tunnel, raw IP): keep all."""
    return [Instruction(_RETURN, 0, 0, SNAPLEN)]
