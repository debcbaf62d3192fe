"""The key of a flow: addresses, ports and the way in which it was wrapped, as 40 bytes (five 64-bit words)."""

import zlib

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.capture.frames import parse_endpoint

WORDS = 5
SIZE = 8 * WORDS
IPV6 = 1 << 30
WRAPPED = 1 << 31
_TAG_BITS = 13


def path(encapsulation: str, vlan: tuple[int, ...]) -> int:
    """The 32-bit word for tunnels and tags: up to two tags as they are, more, or tunnels, by their checksum."""
    if encapsulation or len(vlan) > 2:
        return WRAPPED | zlib.crc32(f"{encapsulation}|{vlan}".encode()) & (IPV6 - 1)
    word = 0
    for tag in vlan:
        word = word << _TAG_BITS | (tag + 1)
    return word


def tags(word: int) -> tuple[int, ...]:
    """The tags in the path word of a flow that is in no tunnel."""
    low, high = word & ((1 << _TAG_BITS) - 1), word >> _TAG_BITS & ((1 << _TAG_BITS) - 1)
    return tuple(tag - 1 for tag in (high, low) if tag)


def pack(source: str, destination: str, encapsulation: str, vlan: tuple[int, ...]) -> bytes:
    """The key of a flow whose addresses are text ("192.0.2.1:4000")."""
    from_host, from_port = parse_endpoint(source)
    to_host, to_port = parse_endpoint(destination)
    word = path(encapsulation, vlan) | (IPV6 if len(from_host) == 16 else 0)
    ports = from_port.to_bytes(2) + to_port.to_bytes(2) + word.to_bytes(4, "little")
    return (from_host + to_host + ports).ljust(SIZE, b"\0")


def unpack(key: bytes) -> tuple[bytes, int, bytes, int, int]:
    """(source address, port, destination address, port, path word without the IPv6 bit) of a key."""
    # IPv4 keys are 16 bytes and zeros; only an IPv6 key has a path word, with its bit, at the end.
    size = 16 if int.from_bytes(key[36:40], "little") & IPV6 else 4
    ports = key[2 * size : 2 * size + 8]
    word = int.from_bytes(ports[4:8], "little") & ~IPV6
    return key[:size], int.from_bytes(ports[:2]), key[size : 2 * size], int.from_bytes(ports[2:4]), word


def words(key: bytes) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.frombuffer(key, np.uint64)


def connection_keys(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One word per flow key that is the same in both directions of a connection."""
    raw = keys.view(np.uint8).reshape(-1, SIZE)
    six = (keys[:, 4] >> np.uint64(32)) & np.uint64(IPV6) != 0
    result = np.empty(len(keys), np.uint64)
    for mask, size in ((~six, 4), (six, 16)):
        part = raw[mask]
        ends = []
        for address, port in ((0, 2 * size), (size, 2 * size + 2)):
            end = np.zeros((len(part), 24), np.uint8)
            end[:, :size] = part[:, address : address + size]
            end[:, 16:18] = part[:, port : port + 2]
            w = end.view(np.uint64)
            mixed = w[:, 0] * np.uint64(0x9E3779B97F4A7C15) ^ w[:, 1] * np.uint64(0xC2B2AE3D27D4EB4F)
            mixed ^= mixed >> np.uint64(29)
            ends.append((mixed ^ w[:, 2]) * np.uint64(0xD6E8FEB86659FD93))
        result[mask] = ends[0] + ends[1]
    return result
