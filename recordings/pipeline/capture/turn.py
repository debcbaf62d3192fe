"""What a TURN relay wraps (RFC 8656): ChannelData messages, and Send and Data indications, over UDP and TCP."""

from recordings.pipeline.capture.frames import Datagram, Segment

COOKIE = b"\x21\x12\xa4\x42"  # RFC 8489, 5
INDICATIONS = (b"\0\x16", b"\0\x17")  # Send, Data
_DATA = 0x0013
_HEADER = 20
_MOST_MESSAGES = 64  # in one segment
_MOST_ATTRIBUTES = 32


def relayed(payload: bytes) -> list[bytes]:
    """What the messages carry that stand whole at the beginning."""
    found: list[bytes] = []
    at = 0
    for _ in range(_MOST_MESSAGES):
        if at + 4 > len(payload):
            break
        length = payload[at + 2] << 8 | payload[at + 3]
        if payload[at] >> 4 == 4:  # a channel number
            body, size = (
                payload[at + 4 : at + 4 + length],
                4 + -(-length // 4) * 4,
            )  # padded over TCP
            if len(body) < length:
                break
            found.append(body)
        elif payload[at] >> 6 == 0 and payload[at + 4 : at + 8] == COOKIE:
            size = _HEADER + length
            if at + size > len(payload):
                break
            if payload[at : at + 2] in INDICATIONS:
                found += _data(payload[at + _HEADER : at + size])
        else:
            break
        at += size
    return found


def _data(attributes: bytes) -> list[bytes]:
    at = 0
    for _ in range(_MOST_ATTRIBUTES):
        if at + 4 > len(attributes):
            break
        kind, length = attributes[at] << 8 | attributes[at + 1], attributes[at + 2] << 8 | attributes[at + 3]
        if kind == _DATA:
            body = attributes[at + 4 : at + 4 + length]
            return [body] if len(body) == length else []
        at += 4 + -(-length // 4) * 4
    return []


def relay(outer: Datagram | Segment, payload: bytes) -> Datagram:
    """What was relayed, as a datagram between the ends of the relay's leg."""
    encapsulation = f"{outer.encapsulation}/turn" if outer.encapsulation else "turn"
    return Datagram(outer.time_ns, outer.source, outer.destination, payload, outer.vlan, encapsulation)
