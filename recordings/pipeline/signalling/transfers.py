"""What a message says of other calls: transfers (RFC 3515, 3891, 3892, 5589), and the legs of one call (RFC 7989)."""

from urllib.parse import unquote

from recordings.pipeline.signalling.parties import party
from recordings.pipeline.signalling.sip import SipMessage

LONGEST = 200
MOST_HEADERS = 8


def remarks(message: SipMessage, side: str) -> list[str]:
    """Sentences for the call in which this request was sent by that side."""
    found = []
    if message.method == "REFER" and (target := message.header("refer-to")):
        whom, replaced = _target(target)
        with_call = f", in the place of call {replaced}" if replaced else ""
        found.append(f"the {side} asked for a transfer to {whom}{with_call}")
    if message.method == "INVITE" and message.request:
        if replaced := _call_id(message.header("replaces")):
            found.append(f"this call takes the place of call {replaced}")
        if referrer := party(message.header("referred-by")).user:
            found.append(f"this call was asked for by {referrer[:LONGEST]}, who transferred another")
    return found


def _target(value: str) -> tuple[str, str]:
    """Who is to be called, and the Call-ID of the call that is to be replaced, or ""."""
    uri = party(value).uri
    plain, _, headers = uri.partition("?")
    for header in headers.split("&", MOST_HEADERS)[:MOST_HEADERS]:
        name, _, content = header.partition("=")
        if name.lower() == "replaces":
            return party(f"<{plain}>").user or plain[:LONGEST], _call_id(unquote(content))
    return (party(f"<{plain}>").user or plain)[:LONGEST], ""


def _call_id(value: str) -> str:
    return value.split(";", 1)[0].strip()[:LONGEST]


def legs(message: SipMessage, headers: tuple[str, ...]) -> list[tuple[str, str]]:
    """What the legs of one call have in common: the value of each of these headers, of Session-ID its first half."""
    values = [(name, message.header(name).split(";", 1)[0].strip()[:LONGEST]) for name in headers[:MOST_HEADERS]]
    return [(name, value) for name, value in values if value and value.strip("0")]
