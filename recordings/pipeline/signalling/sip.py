"""SIP messages (RFC 3261) out of bytes: tolerant of what real phones send, bounded, one error type."""

import re
from dataclasses import dataclass

LARGEST = 256 << 10
MOST_HEADERS = 1000
COMPACT = {  # RFC 3261 section 20, RFC 3265, 3515, 3892, 4028
    "a": "accept-contact", "b": "referred-by", "c": "content-type", "d": "request-disposition",
    "e": "content-encoding", "f": "from", "i": "call-id", "k": "supported", "l": "content-length",
    "m": "contact", "o": "event", "r": "refer-to", "s": "subject", "t": "to", "u": "allow-events",
    "v": "via", "x": "session-expires", "y": "identity",
}  # fmt: skip

_METHOD = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]{1,64}")
_RESPONSE = re.compile(r"SIP/2\.0[ \t]+([1-6][0-9]{2})(?:[ \t]+(.{0,1000}))?", re.IGNORECASE)
_HEAD_END = re.compile(rb"\r?\n\r?\n|\r\r")
_FOLD = re.compile(r"\r?\n[ \t]+")
_NAME = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]{1,128}")
_BRANCH = re.compile(r";\s*branch\s*=\s*([^;,\s]+)", re.IGNORECASE)
_CSEQ = re.compile(r"\s*([0-9]{1,10})\s+(\S{1,64})\s*")


class SipError(ValueError):
    """The bytes are no SIP message that this recorder can use; the message says why."""


@dataclass(frozen=True, slots=True)
class SipMessage:
    """One request (status 0) or response; header names are lower case and long, values Latin-1 text without folds.

    A response has the method of its CSeq. `uri` is a request's, `reason` a response's. `complete` is False
    when the body is shorter than Content-Length says.
    """

    method: str
    status: int
    uri: str
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    call_id: str
    sequence: int
    complete: bool = True

    def header(self, name: str) -> str:
        """The first value of the header, or ""."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def request(self) -> bool:
        return self.status == 0

    @property
    def transaction(self) -> tuple[str, int]:
        """Branch of the topmost Via ("" from phones of RFC 2543) and CSeq: equal in a request and its responses."""
        found = _BRANCH.search(self.header("via").split(",", 1)[0])
        branch = found.group(1) if found else ""
        return ("" if branch == "z9hG4bK" else branch, self.sequence)  # the mark of RFC 3261 alone tells nothing apart


def looks_like_sip(data: bytes) -> bool:
    """Whether the payload begins as a SIP message does; cheap, before `parse`."""
    line = data[:4096].lstrip(b"\r\n").split(b"\n", 1)[0]
    return line.startswith(b"SIP/2.0 ") or line.rstrip().endswith(b"SIP/2.0")


def parse(data: bytes) -> SipMessage:
    """Raises SipError. Bytes after Content-Length are cut off; a shorter body is kept and marked."""
    if len(data) > LARGEST:
        raise SipError(f"a SIP message of {len(data)} bytes is over the limit of {LARGEST}")
    data = data.lstrip(b"\r\n")
    end = _HEAD_END.search(data)
    head, body = (data[: end.start()], data[end.end() :]) if end else (data, b"")
    line, _, rest = _FOLD.sub(" ", head.decode("latin-1")).partition("\n")
    method, status, uri, reason = _start_line(line.rstrip("\r"))
    headers = _headers(rest)
    first = dict(reversed(headers))
    sequence, named = _cseq(first.get("cseq", ""))
    call_id = first.get("call-id", "").strip()
    if not call_id:
        raise SipError("the SIP message has no Call-ID")
    if method and method.upper() != named:
        raise SipError("the CSeq names another method than the first line")
    length = content_length(first.get("content-length", ""))
    complete = length is None or len(body) >= length
    return SipMessage(
        method or named, status, uri, reason, tuple(headers), body[:length], call_id[:1000], sequence, complete
    )


def _start_line(line: str) -> tuple[str, int, str, str]:
    if found := _RESPONSE.fullmatch(line):
        return "", int(found.group(1)), "", (found.group(2) or "").strip()
    method, _, rest = line.rstrip(" \t").partition(" ")
    uri, version = rest[:-7], rest[-7:]
    if version.upper() == "SIP/2.0" and uri.endswith((" ", "\t")) and uri.strip() and _METHOD.fullmatch(method):
        return method, 0, uri.strip(), ""
    raise SipError("the first line is neither a SIP request nor a SIP response")


def _headers(text: str) -> list[tuple[str, str]]:
    lines = text.split("\n", MOST_HEADERS)
    if len(lines) > MOST_HEADERS:
        raise SipError(f"the SIP message has more than {MOST_HEADERS} header lines")
    found = []
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.strip()
        if colon and _NAME.fullmatch(name):  # what is no header line is skipped: RFC 4475 has worse
            name = name.lower()
            found.append((COMPACT.get(name, name), value.strip()))
    return found


def _cseq(value: str) -> tuple[int, str]:
    found = _CSEQ.fullmatch(value)
    if not found:
        raise SipError("the SIP message has no CSeq of a number and a method")
    return int(found.group(1)), found.group(2).upper()


def content_length(value: str) -> int | None:
    """The number, or None where there is none that can be used."""
    value = value.strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else None
