"""HEP (Homer encapsulation, versions 1 to 3): a captured packet sent as a datagram, with its own addresses."""

import zlib
from struct import Struct

from recordings.pipeline.capture.frames import Datagram, DecodeError, endpoint
from recordings.pipeline.capture.walk import Step, Walk, need

_HEADER = Struct(">BBBBHH")
_CHUNK = Struct(">HHH")
_SIZES = {2: 4, 10: 16}  # address families, as Linux numbers them
_MAX_CHUNKS = 64
_MAX_PAYLOAD = 65535
_SOURCE_PORT, _DESTINATION_PORT, _PAYLOAD, _COMPRESSED = 7, 8, 15, 16
_ADDRESSES = {3: 4, 4: 4, 5: 16, 6: 16}  # odd: source, even: destination


def hep(walk: Walk, data: bytes) -> Step:
    """The datagram inside, or None where this is no HEP."""
    if data[:4] == b"HEP3":
        return _version_3(walk, data)
    if len(data) < 8 or data[0] not in (1, 2) or data[2] not in _SIZES:
        return None
    version, length, family, _protocol, source_port, destination_port = _HEADER.unpack_from(data)
    size = _SIZES[family]
    expected = 8 + 2 * size + 12 * (version == 2)
    if length not in (expected, 8 + 2 * size) or len(data) < expected:
        return None
    source, destination = data[8 : 8 + size], data[8 + size : 8 + 2 * size]
    return _inside(walk, source, source_port, destination, destination_port, data[expected:])


def _inside(walk: Walk, source: bytes, port: int, destination: bytes, other_port: int, payload: bytes) -> Datagram:
    walk.enter("hep")
    return Datagram(
        walk.time_ns,
        endpoint(source, port),
        endpoint(destination, other_port),
        payload,
        walk.vlan,
        walk.encapsulation,
        walk.missing,
    )


def _version_3(walk: Walk, data: bytes) -> Datagram:
    need(data, 6, "HEP")
    chunks = _chunks(walk.take(data, data[4] << 8 | data[5], "HEP"), walk.missing)
    addresses = {kind & 1: chunks[kind] for kind, size in _ADDRESSES.items() if len(chunks.get(kind, b"")) == size}
    if len(addresses) != 2:
        raise DecodeError("a HEP packet does not name both addresses")
    ports = [int.from_bytes(chunks.get(kind, b"")[:2]) for kind in (_SOURCE_PORT, _DESTINATION_PORT)]
    payload = chunks.get(_PAYLOAD)
    if payload is None:
        payload = _decompress(chunks.get(_COMPRESSED, b""))
    return _inside(walk, addresses[1], ports[0], addresses[0], ports[1], payload)


def _chunks(data: bytes, missing: int) -> dict[int, bytes]:
    """Vendor 0's chunks by type. The last one may be short by what the snapshot length cut off."""
    chunks: dict[int, bytes] = {}
    position = 6
    for _ in range(_MAX_CHUNKS):
        if position >= len(data):
            return chunks
        need(data, position + 6, "HEP chunk")
        vendor, kind, length = _CHUNK.unpack_from(data, position)
        if length < 6 or position + length > len(data) + missing:
            raise DecodeError(f"a HEP chunk says {length} bytes")
        if vendor == 0:
            chunks.setdefault(kind, data[position + 6 : position + length])
        position += length
    raise DecodeError(f"more than {_MAX_CHUNKS} HEP chunks")


def _decompress(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _MAX_PAYLOAD) if data else b""
    except zlib.error as error:
        raise DecodeError(f"the payload of a HEP packet cannot be decompressed: {error}") from error
