"""A second reader of stream files and journals, written from docs/spool.md alone; it shares no code with the first."""

import json
import struct
import zlib
from typing import Any


def stream_packets(data: bytes) -> tuple[dict[str, Any], list[tuple[int, int, bytes]]]:
    """The header and (time, flags, packet) of every packet before the first damage."""
    magic, length, crc = struct.unpack("<8sII", data[:16])
    text = data[16 : 16 + length]
    if magic != b"APRSTRM1" or len(text) < length or zlib.crc32(text) != crc:
        raise ValueError("no header")
    packets = []
    position = 16 + length
    while (chunk := checked(data, position, b"APC1", 16, 20)) is not None:
        head, payload = chunk
        base = struct.unpack("<q", head[24:32])[0]
        offset = 0
        while head[4] == 1 and offset < len(payload):
            microseconds, size, flags, _ = struct.unpack("<IHBB", payload[offset : offset + 8])
            packets.append((base + microseconds * 1000, flags, payload[offset + 8 : offset + 8 + size]))
            offset += 8 + size
        position += 32 + len(payload)
    return json.loads(text), packets


def journal_records(data: bytes) -> list[tuple[int, int, int, bytes]]:
    """(number, kind, time, payload) of every record before the first damage."""
    records = []
    position = 0
    while (record := checked(data, position, b"APJ1", 8, 12)) is not None:
        head, payload = record
        number, time_ns = struct.unpack("<Qq", head[16:32])
        records.append((number, head[4], time_ns, payload))
        position += 32 + len(payload)
    return records


def checked(data: bytes, position: int, magic: bytes, length_at: int, crc_at: int) -> tuple[bytes, bytes] | None:
    """Head and payload at a position when they are whole and sound."""
    head = data[position : position + 32]
    if len(head) < 32 or head[:4] != magic:
        return None
    (length,) = struct.unpack("<I", head[length_at : length_at + 4])
    (crc,) = struct.unpack("<I", head[crc_at : crc_at + 4])
    payload = data[position + 32 : position + 32 + length]
    blank = head[:crc_at] + bytes(4) + head[crc_at + 4 :]
    if length > 1 << 20 or len(payload) < length or zlib.crc32(blank + payload) != crc:
        return None
    return head, payload
