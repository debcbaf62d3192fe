"""What a SIP body carries for us: a session description, or DTMF digits by INFO; also inside multipart bodies."""

import re

from recordings.pipeline.signalling.sdp import Sdp, SdpError
from recordings.pipeline.signalling.sdp import parse as parse_sdp
from recordings.pipeline.signalling.sip import SipMessage

MOST_PARTS = 16
_BOUNDARY = re.compile(r";\s*boundary\s*=\s*(?:\"([^\"]{1,200})\"|([^;\s]{1,200}))", re.IGNORECASE)
_SIGNAL = re.compile(r"^\s*(?:Signal|d)\s*=\s*([0-9*#A-Da-d]{1,2})\s*$", re.IGNORECASE | re.MULTILINE)
_NAMED = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}  # events of RFC 4733 table 3


def parts(message: SipMessage) -> list[tuple[str, bytes]]:
    """(content type in lower case, body) of each part; one level of multipart, bounded."""
    kind = message.header("content-type")
    plain = kind.split(";", 1)[0].strip().lower()
    if not plain.startswith("multipart/"):
        return [(plain, message.body)] if message.body else []
    found = _BOUNDARY.search(kind)
    if not found:
        return []
    mark = b"--" + (found.group(1) or found.group(2)).encode("latin-1")
    pieces = message.body.split(mark, MOST_PARTS + 1)[1 : MOST_PARTS + 1]
    return [_part(piece) for piece in pieces if not piece.startswith(b"--")]


def _part(piece: bytes) -> tuple[str, bytes]:
    split = re.split(rb"\r?\n\r?\n", piece.lstrip(b"\r\n"), maxsplit=1)
    head, body = split if len(split) == 2 else (b"", piece)
    kind = re.search(rb"^(?:content-type|c)\s*:\s*([^;\s]{1,100})", head, re.IGNORECASE | re.MULTILINE)
    return (kind.group(1).decode("latin-1").lower() if kind else "", body)


def session(message: SipMessage) -> Sdp | None:
    """The session description of the message, if it has one that can be read."""
    for kind, body in parts(message):
        if kind == "application/sdp" or (not kind and body.startswith(b"v=0")):
            try:
                return parse_sdp(body)
            except SdpError:
                return None
    return None


def digits(message: SipMessage) -> str:
    """The digits of an INFO request: application/dtmf-relay (Signal=5) or application/dtmf (5)."""
    for kind, body in parts(message):
        text = body[:1000].decode("latin-1")
        if kind == "application/dtmf-relay" or kind.startswith("application/vnd.nortelnetworks.digits"):
            found = _SIGNAL.search(text)
            return _digit(found.group(1)) if found else ""
        if kind == "application/dtmf":
            return _digit(text.strip()[:2])
    return ""


def _digit(text: str) -> str:
    text = _NAMED.get(text, text).upper()
    return text if len(text) == 1 and text in "0123456789*#ABCD" else ""
