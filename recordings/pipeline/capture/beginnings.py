"""How what carries SIP begins: by these few bytes a datagram or a TCP connection is known on any port."""

import re

SIP_START = re.compile(rb"\s{0,8}(?:SIP/2\.0 +[0-9]|[A-Za-z][\w.!%*+`'~-]{0,31} +(?:[sS][iI][pP][sS]?|[tT][eE][lL]):)")
HANDSHAKE = re.compile(rb"GET [^\r\n]{1,4000} HTTP/1\.1\r\n|HTTP/1\.1 101 ")
_WEBSOCKET = re.compile(rb"\nSec-WebSocket-Protocol:[^\r\n]{0,200}\bsip\b", re.IGNORECASE)
_START = 48  # bytes that SIP_START needs at most
WEBSOCKET_OCTETS = (0x01, 0x02, 0x81, 0x82)  # text or binary, whole or the first piece, not compressed
_SHORT, _MEDIUM, _LONG = 125, 126, 127


def frame_head(data: bytes | bytearray) -> tuple[int, int, bytes] | None:
    """Size of a WebSocket frame's head, length of its payload, its mask or b""; None when there is too little."""
    if len(data) < 2:
        return None
    length, more = data[1] & 127, {_MEDIUM: 2, _LONG: 8}.get(data[1] & 127, 0)
    size = 2 + more + 4 * (data[1] >> 7)
    if len(data) < size:
        return None
    if more:
        length = int.from_bytes(data[2 : 2 + more])
    return size, length, bytes(data[2 + more : size])


def unmask(data: bytes, mask: bytes) -> bytes:
    """RFC 6455, 5.3."""
    if not mask or not data:
        return data
    key = (mask * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data) ^ int.from_bytes(key)).to_bytes(len(data))


def begins_websocket(data: bytes) -> bool:
    """Whether a connection that carries SIP in WebSocket frames begins, or goes on, with these bytes."""
    if HANDSHAKE.match(data):
        return _WEBSOCKET.search(data[:8192]) is not None
    if not data or data[0] not in WEBSOCKET_OCTETS or (head := frame_head(data[:16])) is None:
        return False
    size, _, mask = head
    return SIP_START.match(unmask(data[size : size + _START], mask)) is not None


def begins_sip(data: bytes) -> bool:
    """Whether these are the first bytes of SIP, of HEP 3 or of SIP over WebSocket."""
    return SIP_START.match(data) is not None or data.startswith(b"HEP3") or begins_websocket(data)
