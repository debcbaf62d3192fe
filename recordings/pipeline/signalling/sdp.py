"""SDP (RFC 4566, 8866): which media a party offers or answers, where it receives it, and how it is coded."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address

from recordings.pipeline.capture.frames import endpoint
from recordings.pipeline.spool.calls import Codec

LARGEST = 64 << 10
MOST_LINES = 2000
MOST_MEDIA = 64
MOST_CANDIDATES = 32
MOST_KEYS = 16
LONGEST_KEY = 2000
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_RTPMAP = re.compile(r"([0-9]{1,3})\s+([^/\s]{1,64})/([0-9]{1,7})(?:/([0-9]{1,3}))?.*")
_FMTP = re.compile(r"([0-9]{1,3})\s+(.{0,1000})")


class SdpError(ValueError):
    """The body is no session description; the message says why."""


@dataclass(slots=True)
class Media:
    """One m= line with what applies to it.

    `address` is where this party receives ("" when on hold or refused); `encrypted` that keys or a fingerprint are
    announced; `secure` that the profile allows nothing but SRTP; `keys` are the a=crypto lines by which it sends.
    """

    kind: str
    port: int
    protocol: str
    formats: tuple[int, ...]
    host: str = ""
    direction: str = "sendrecv"
    codecs: dict[int, Codec] = field(default_factory=dict)
    parameters: dict[int, str] = field(default_factory=dict)
    ptime: int = 0
    rtcp: int = 0
    rtcp_mux: bool = False
    encrypted: bool = False
    keys: list[str] = field(default_factory=list)
    ssrcs: list[int] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return join(self.host, self.port)

    @property
    def secure(self) -> bool:
        return "SAVP" in self.protocol.upper()

    @property
    def held(self) -> bool:
        return self.direction in {"sendonly", "inactive"} or (self.port != 0 and not self.address)


@dataclass(frozen=True, slots=True)
class Sdp:
    """`origin` is the o= line, which names the session; `media` in order of the m= lines."""

    origin: str
    media: tuple[Media, ...]


def join(host: str, port: int) -> str:
    """The endpoint in its one spelling; "" for what is no address (hold, a name, port 0)."""
    if not 0 < port < 65536:
        return ""
    try:
        found = ip_address(host.strip("[]"))
    except ValueError:
        return ""
    return "" if found.is_unspecified else endpoint(found.packed, port)


def parse(body: bytes) -> Sdp:
    """Raises SdpError unless there is an SDP with at least an m= line or an o= line."""
    if len(body) > LARGEST:
        raise SdpError(f"an SDP of {len(body)} bytes is over the limit of {LARGEST}")
    lines = body.decode("latin-1").replace("\r", "\n").split("\n", MOST_LINES)
    if len(lines) > MOST_LINES:
        raise SdpError(f"the SDP has more than {MOST_LINES} lines")
    origin = ""
    session = Media("session", 0, "", ())
    media: list[Media] = []
    for line in lines:
        kind, equals, value = line.strip().partition("=")
        if kind == "o" and equals and not origin:
            origin = value[:300]
        elif kind == "m" and equals:
            if len(media) >= MOST_MEDIA:
                raise SdpError(f"the SDP has more than {MOST_MEDIA} m= lines")
            media.append(_media(value, session))
        elif equals:
            _line(media[-1] if media else session, kind, value)
    if not origin and not media:
        raise SdpError("the body has neither an o= nor an m= line")
    return Sdp(origin, tuple(media))


def _line(media: Media, kind: str, value: str) -> None:
    if kind == "c":
        words = value.split()
        media.host = words[2].split("/", 1)[0] if len(words) > 2 else ""
    elif kind == "a":
        _attribute(media, value)


def _media(value: str, session: Media) -> Media:
    words = value.split()
    port = words[1].split("/", 1)[0] if len(words) > 1 else ""
    if len(words) < 3 or not (port.isascii() and port.isdigit() and len(port) < 6):
        raise SdpError(f"the SDP has an m= line that names no port: {value[:80]!r}")
    formats = tuple(int(word) for word in words[3:131] if word.isascii() and word.isdigit() and len(word) < 4)
    return Media(
        words[0].lower(), int(port), words[2], formats, session.host, session.direction, encrypted=session.encrypted
    )


def _attribute(media: Media, value: str) -> None:
    name, _, rest = value.partition(":")
    name = name.strip().lower()
    if name in _DIRECTIONS:
        media.direction = name
    elif name == "rtcp-mux":
        media.rtcp_mux = True
    elif name in {"crypto", "fingerprint", "zrtp-hash", "key-mgmt"}:
        media.encrypted = True
        if name == "crypto" and len(media.keys) < MOST_KEYS:
            media.keys.append(rest.strip()[:LONGEST_KEY])
    elif name in _READERS:
        _READERS[name](media, rest.strip())


def _rtpmap(media: Media, text: str) -> None:
    if found := _RTPMAP.fullmatch(text):
        number, name, rate, channels = found.groups()
        if int(number) < 128:
            parameters = media.parameters.get(int(number), "")
            media.codecs[int(number)] = Codec(name, int(rate), int(channels or 1), parameters)


def _fmtp(media: Media, text: str) -> None:
    if (found := _FMTP.fullmatch(text)) and int(found.group(1)) < 128:
        number, parameters = int(found.group(1)), found.group(2).strip()
        media.parameters[number] = parameters
        if codec := media.codecs.get(number):
            media.codecs[number] = Codec(codec.name, codec.rate, codec.channels, parameters)


def _number(text: str) -> int:
    word = text.split(maxsplit=1)[0] if text.split() else ""
    return int(word) if word.isascii() and word.isdigit() and len(word) < 11 else 0


def _ptime(media: Media, text: str) -> None:
    media.ptime = min(_number(text), 1000)


def _rtcp(media: Media, text: str) -> None:
    media.rtcp = min(_number(text), 65535)


def _ssrc(media: Media, text: str) -> None:
    if (number := _number(text)) and number not in media.ssrcs and len(media.ssrcs) < 16:
        media.ssrcs.append(number & 0xFFFFFFFF)


def _candidate(media: Media, text: str) -> None:
    """RFC 8445: foundation, component, transport, priority, address, port…; component 1 is RTP."""
    words = text.split()
    if len(words) > 5 and words[1] == "1" and words[2].lower() == "udp" and len(media.candidates) < MOST_CANDIDATES:
        found = join(words[4], _number(words[5]))
        if found:
            media.candidates.append(found)


_READERS = {
    "rtpmap": _rtpmap, "fmtp": _fmtp, "ptime": _ptime, "rtcp": _rtcp, "ssrc": _ssrc, "candidate": _candidate,
}  # fmt: skip
