"""The header of a sealed file. All of it is associated data of each chunk, so no field can be changed or swapped.

Layout, big-endian: magic `APSEALED`, version (1 byte), purpose (1 byte), call (UUID, 16 bytes), key pair (16 bytes),
nonce prefix (7 bytes), then the file's half of the data key as HPKE wrapped it (80 bytes): 129 bytes in all.
"""

import struct
import uuid
from dataclasses import dataclass
from enum import IntEnum

from apresa.shared.sealing.errors import Damaged

MAGIC = b"APSEALED"
VERSION = 1
HALF = 32
_FACTS = struct.Struct(">8sBB16s16s7s")
WRAPPED = 80  # X25519's public key (32), the half (32), GCM's tag (16): RFC 9180 sections 4.1 and 5.2
HEADER = _FACTS.size + WRAPPED


class Purpose(IntEnum):
    """What of a call a file holds; a file of one purpose never opens as another."""

    AUDIO = 1
    PACKETS = 2
    LADDER = 3
    PEAKS = 4
    SPOOL = 5
    """No call's yet: `call` names the run of a process that writes the spool (sealing/records.py)."""


@dataclass(frozen=True, slots=True)
class Header:
    """`key_pair` names the pair that wrapped the half; `prefix` begins each chunk's nonce."""

    call: uuid.UUID
    purpose: Purpose
    key_pair: bytes
    prefix: bytes
    wrapped: bytes

    @property
    def facts(self) -> bytes:
        """What stands before the wrapped half: bound into the wrapping and into the data key."""
        return _FACTS.pack(MAGIC, VERSION, self.purpose, self.call.bytes, self.key_pair, self.prefix)

    def pack(self) -> bytes:
        return self.facts + self.wrapped


def parse_header(data: bytes) -> Header:
    """Read a file's first bytes. Raises Damaged."""
    if len(data) < HEADER:
        raise Damaged("The sealed file ends inside its header.")
    magic, version, purpose, call, key_pair, prefix = _FACTS.unpack_from(data)
    if magic != MAGIC:
        raise Damaged("This is no sealed file.")
    if version != VERSION:
        raise Damaged(f"The sealed file has version {version}; only version {VERSION} is known here.")
    try:
        known = Purpose(purpose)
    except ValueError:
        raise Damaged(f"The sealed file has purpose {purpose}, which is not known here.") from None
    return Header(uuid.UUID(bytes=call), known, key_pair, prefix, data[_FACTS.size : HEADER])
