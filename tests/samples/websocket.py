"""WebSocket frames as a browser's phone and its server send them."""

from struct import pack

SERVER, BROWSER = "192.0.2.2:7443", "192.0.2.1:51000"
ASK = b"GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
AGREE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n"


def ws_frame(payload: bytes, *, mask: bytes = b"", kind: int = 1, last: bool = True, flags: int = 0) -> bytes:
    """One frame; a client's has a mask of four bytes."""
    size, masked = len(payload), 0x80 if mask else 0
    if size < 126:
        length = bytes([masked | size])
    else:
        length = bytes([masked | 126]) + pack(">H", size) if size < 65536 else bytes([masked | 127]) + pack(">Q", size)
    body = bytes(octet ^ mask[at % 4] for at, octet in enumerate(payload)) if mask else payload
    return bytes([0x80 * last | flags | kind]) + length + mask + body
