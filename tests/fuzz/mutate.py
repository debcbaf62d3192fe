"""Damage: to bytes, to SIP text, to SDP, to RTP headers, to the order and number of frames. All by a seeded chance."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from struct import pack

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.write import udp_frame

Chance = random.Random
MOST = 1 << 20  # bytes that one act of damage may add
NUMBERS = (
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    12,
    15,
    16,
    20,
    127,
    128,
    255,
    256,
    1400,
    1500,
    32767,
    65507,
    65535,
    2**31 - 1,
    2**32 - 1,
)
TEXTS = (
    b"", b"0", b"-1", b"99999999999999999999", b"4294967296", b"1e9", b"\xd9\xa1\xd9\xa2", b"\xb2\xb3",
    b"%00%ff%u0000%",
    b"%n%s%x", b"../../x", b"a" * 10_000, b"\x00", b"\r\n\r\n", b"\r\n ", b"<sip:", b'"', b"\\" * 999, b";" * 3000,
    b"," * 3000, b" " * 8000, b"\t", b"\xff\xfe\x00", b"\xed\xa0\x80", b"\xf0\x9f\x92\xa9",
    b"sip:%40%3b@x;tag=", b"=" * 500,
    b"\n" * 2000, b"SIP/2.0", b"application/sdp", b"multipart/mixed;boundary=x", b"--x--", b"127.0.0.1",
    b"[::1]", b"NaN",
)  # fmt: skip
HEADERS = (
    b"Call-ID", b"From", b"To", b"Via", b"CSeq", b"Content-Length", b"Content-Type", b"Session-Expires", b"Contact",
    b"l", b"c", b"i", b"f", b"t", b"v", b"Record-Route", b"P-Asserted-Identity", b"X" * 300,
)  # fmt: skip
SDP_LINES = (
    b"m=audio 4000 RTP/AVP 8", b"m=audio 99999 RTP/AVP 999", b"m=audio 0 RTP/AVP", b"c=IN IP4 0.0.0.0",
    b"c=IN IP4 224.2.1.1/127/3", b"c=IN IP6 ::", b"a=rtpmap:8 PCMA/0", b"a=rtpmap:8 PCMA/9999999/255",
    b"a=rtpmap:127 " + b"x" * 64 + b"/1", b"a=rtpmap:8 opus/48000/2", b"a=rtpmap:8 G726-32/8000",
    b"a=rtpmap:8 L16/44100/2",
    b"a=rtpmap:8 iLBC/8000", b"a=rtpmap:8 AMR-WB/16000", b"a=rtpmap:8 speex/8000", b"a=rtpmap:8 telephone-event/8000",
    b"a=fmtp:8 octet-align=1;mode-change-capability=" + b"9" * 900, b"a=fmtp:8 mode=30", b"a=ptime:0",
    b"a=ptime:99999999",
    b"a=ssrc:4294967295 cname:x", b"a=ssrc:0", b"a=rtcp:70000", b"a=rtcp-mux",
    b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x",
    b"a=sendonly", b"a=inactive", b"a=candidate:1 1 UDP 1 127.0.0.1 9 typ host", b"o=" + b"x" * 5000, b"b=AS:-1",
    b"m=video 4000 RTP/SAVPF 96", b"m=audio 4000/65535 RTP/AVP 8", b"a=" + b"a" * 60_000,
)  # fmt: skip


def flip(chance: Chance, data: bytes, most: int = 12) -> bytes:
    """Some bits, bytes and 16- or 32-bit numbers changed."""
    if not data:
        return data
    out = bytearray(data)
    for _ in range(chance.randint(1, most)):
        at = chance.randrange(len(out))
        way = chance.randrange(4)
        if way == 0:
            out[at] ^= 1 << chance.randrange(8)
        elif way == 1:
            out[at] = chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))
        else:
            size = 2 if way == 2 else 4
            number = chance.choice(NUMBERS) & (256**size - 1)
            out[at : at + size] = number.to_bytes(size, chance.choice(("little", "big")))
    return bytes(out)


def slices(chance: Chance, data: bytes, other: bytes) -> bytes:
    """Cut, doubled, moved, or joined with another."""
    at, to = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    way = chance.randrange(5)
    if way == 0:
        return data[:at]
    if way == 1:
        return data[:at] + data[to:]
    if way == 2:
        return data[:to] + data[at:to] * min(chance.choice((1, 2, 50)), 1 + MOST // max(to - at, 1)) + data[to:]
    begin = chance.randrange(len(other) + 1)
    return data[:at] + other[begin : begin + chance.choice((4, 64, len(other)))] + data[to if way == 3 else at :]


def text(chance: Chance, data: bytes) -> bytes:
    """A SIP message with headers injected, repeated, emptied, and lies in them."""
    lines = data.split(b"\r\n")
    for _ in range(chance.randint(1, 4)):
        lines = lines or [b""]
        at = chance.randrange(len(lines))
        way = chance.randrange(8)
        name, colon, value = lines[at].partition(b":")
        if way == 0:
            lines[at] = name + colon + b" " + chance.choice(TEXTS)
        elif way == 1:
            lines.insert(at, chance.choice(HEADERS) + b": " + chance.choice(TEXTS) + chance.choice(TEXTS))
        elif way == 2:
            lines[at : at + 1] = [lines[at]] * chance.choice((0, 2, 30, 1200))
        elif way == 3:
            lines.insert(at, b"Content-Length: " + str(chance.choice(NUMBERS)).encode())
        elif way == 4:
            cut = chance.randrange(len(value) + 1)
            lines[at] = name + colon + value[:cut] + chance.choice(TEXTS) + value[cut:]
        elif way == 5:
            lines.insert(at, chance.choice(SDP_LINES))
        elif way == 6:
            lines[at] = chance.choice((b" ", b"\t")) + lines[at]
        else:
            lines[at] = flip(chance, lines[at], 3)
    mark = chance.choice((b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\n\r\n"))
    return mark.join(lines)[: 256 << 10]


def session(chance: Chance, data: bytes) -> bytes:
    """An SDP with lines changed, many times repeated, or wrapped in multipart."""
    lines = data.split(b"\r\n")
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(lines) + 1)
        line = chance.choice(SDP_LINES)
        lines[at:at] = [line] * min(chance.choice((1, 1, 1, 2, 65, 300, 100_000)), MOST // (len(line) + 2))
    body = b"\r\n".join(lines)[:MOST]
    if not chance.randrange(4):
        part = b"--x\r\nContent-Type: application/sdp\r\n\r\n" + body + b"\r\n--x"
        body = b"--x\r\nContent-Type: multipart/mixed;boundary=x\r\n\r\n" * chance.choice((1, 40)) + part + b"--"
    return flip(chance, body, 2) if chance.randrange(2) else body


def rtp(chance: Chance, packet: bytes) -> bytes:
    """RTP with lies in its header: sources, extension, padding, type, numbers, SSRC."""
    out = bytearray(packet.ljust(12, b"\0"))
    way = chance.randrange(9)
    if way == 0:
        out[0] = 0x80 | chance.randrange(64)
    elif way == 1:
        out[0] |= 0x0F
    elif way == 2:
        out[0] |= 0x10
        out[12:12] = pack(">HH", 0xBEDE, chance.choice(NUMBERS) & 0xFFFF)
    elif way == 3:
        out[0] |= 0x20
        out[-1] = chance.choice((0, 1, 12, 160, 255))
    elif way == 4:
        out[1] = chance.choice((0, 3, 4, 8, 9, 13, 18, 72, 96, 101, 127, 128, 200, 255))
    elif way == 5:
        out[2:4] = pack(">H", chance.randrange(1 << 16))
    elif way == 6:
        out[4:8] = pack(">I", chance.choice((0, 2**31, 2**32 - 1, chance.randrange(2**32))))
    elif way == 7:
        out[8:12] = pack(">I", chance.choice((0, 7700, 7701, chance.randrange(2**32))))
    else:
        del out[chance.choice((12, 13, len(out))) :]
    return bytes(out)


def frames(chance: Chance, content: Sequence[Frame], other: Sequence[Frame]) -> list[Frame]:
    """Frames damaged, lost, doubled, in another order, at other times, mixed with those of another capture."""
    found = list(content)
    for _ in range(chance.randint(1, 4)):
        found = chance.choice(_ORDERS)(chance, found, other) or list(content)
    share = chance.choice((0.0, 0.02, 0.2, 1.0))
    return [_one(chance, item) if chance.random() < share else item for item in found]


def _one(chance: Chance, item: Frame) -> Frame:
    data = item.data
    head = 42 if len(data) > 42 and data[12:14] == b"\x08\0" and data[23] == 17 else 0
    payload = data[head:]
    way = chance.randrange(6)
    if way == 0 or not head:
        data = flip(chance, data)
    elif way == 1:
        data = slices(chance, data, item.data)
    elif way == 2:
        data = data[:head] + flip(chance, payload)
    elif payload[:1] in b"\x80\x90\xa0":
        data = _udp(item, rtp(chance, payload))
    else:
        top, gap, body = payload.partition(b"\r\n\r\n")
        changed = top + gap + session(chance, body) if way == 3 and body else text(chance, payload)
        data = _udp(item, changed[:60_000])
    data = data[: 256 << 10]
    length = len(data) + chance.choice((0, 0, 0, 0, 1, 1400, 2**31))
    time_ns = item.time_ns
    if not chance.randrange(40):
        time_ns = chance.choice((0, time_ns - 10**9, time_ns + 10**9, time_ns + 10**15, 2**32 * 10**9 - 1))
    return replace(item, data=data, length=min(length, 2**32 - 1), time_ns=max(0, time_ns))


def _udp(item: Frame, payload: bytes) -> bytes:
    """The same addresses around another payload, lengths right."""
    data = item.data
    ends = [".".join(map(str, data[at : at + 4])) for at in (26, 30)]
    ports = [int.from_bytes(data[at : at + 2]) for at in (34, 36)]
    return udp_frame(f"{ends[0]}:{ports[0]}", f"{ends[1]}:{ports[1]}", payload)


def _drop(chance: Chance, found: list[Frame], _other: Sequence[Frame]) -> list[Frame]:
    share = chance.choice((0.02, 0.3, 0.9))
    return [item for item in found if chance.random() > share]


def _double(chance: Chance, found: list[Frame], _other: Sequence[Frame]) -> list[Frame]:
    return [item for item in found for _ in range(1 + (chance.random() < 0.3))]


def _flood(chance: Chance, found: list[Frame], _other: Sequence[Frame]) -> list[Frame]:
    at = chance.randrange(len(found))
    return [*found[:at], *[found[at]] * chance.choice((10, 500)), *found[at:]]


def _stir(chance: Chance, found: list[Frame], _other: Sequence[Frame]) -> list[Frame]:
    reach = chance.choice((3, 50, 10_000))
    order = sorted(range(len(found)), key=lambda at: at + chance.random() * reach)
    return [found[at] for at in order]


def _splice(_chance: Chance, found: list[Frame], other: Sequence[Frame]) -> list[Frame]:
    shift = found[0].time_ns - other[0].time_ns
    moved = [replace(item, time_ns=max(0, item.time_ns + shift), link=found[0].link) for item in other]
    return sorted([*found, *moved], key=lambda item: item.time_ns)


def _same(_chance: Chance, found: list[Frame], _other: Sequence[Frame]) -> list[Frame]:
    return found


_ORDERS: tuple[Callable[[Chance, list[Frame], Sequence[Frame]], list[Frame]], ...] = (
    _drop, _double, _flood, _stir, _splice, _same, _same, _same,
)  # fmt: skip
