"""HEP over TCP: messages of version 3 one after the other, cut from the bytes of a connection."""

from recordings.pipeline.capture.frames import DecodeError

_MAGIC = b"HEP3"
_LEAST = 6  # the magic word and the message's length


class HepStream:
    """Holds at most one message that is not whole: 64 KiB."""

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are whole now. Raises DecodeError where the bytes are not HEP: the connection is lost."""
        data = self.rest + data
        found: list[bytes] = []
        at = 0
        while True:
            if not _MAGIC.startswith(data[at : at + 4]):
                raise DecodeError("a connection does not go on with a HEP message")
            if len(data) < at + _LEAST:
                break
            length = data[at + 4] << 8 | data[at + 5]
            if length < _LEAST:
                raise DecodeError(f"a HEP message says {length} bytes")
            if len(data) < at + length:
                break
            found.append(data[at : at + length])
            at += length
        self.rest = data[at:]
        return found
