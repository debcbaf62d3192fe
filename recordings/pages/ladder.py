"""The SIP ladder: who sent what to whom, laid on columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from recordings.queries.details import Message

MOST_LANES = 8
MOST_STEPS = 300
LONGEST_TEXT = 20_000
OTHERS = "…"
METHOD = re.compile(r"^([A-Z]{2,20}) ")
STATUS = re.compile(r"^SIP/2\.0 (\d{3})\s*(.*)")
HAS_SDP = re.compile(r"^(?:content-type|c)\s*:\s*application/sdp", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """One message. `start` and `span` count columns from 1; `kind` is request, ok, fail or going."""

    number: int
    seconds: float
    time_ns: int
    source: str
    destination: str
    transport: str
    label: str
    kind: str
    start: int
    span: int
    leftwards: bool
    text: str
    cut: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """`lanes` are the addresses from left to right; `hidden` messages were too many to show."""

    lanes: list[str]
    steps: list[Step]
    hidden: int


def ladder(messages: Sequence[Message]) -> Ladder:
    lanes = _lanes(messages)
    begin = messages[0].time_ns if messages else 0
    shown = messages[:MOST_STEPS]
    steps = [_step(message, lanes, begin) for message in shown]
    return Ladder(lanes, steps, len(messages) - len(shown))


def _lanes(messages: Sequence[Message]) -> list[str]:
    found: dict[str, None] = {}
    for message in messages:
        found.setdefault(message.source)
        found.setdefault(message.destination)
    names = list(found)
    return names if len(names) <= MOST_LANES else [*names[: MOST_LANES - 1], OTHERS]


def _step(message: Message, lanes: list[str], begin: int) -> Step:
    source, destination = _place(message.source, lanes), _place(message.destination, lanes)
    label, kind = describe(message)
    return Step(
        number=message.number,
        seconds=(message.time_ns - begin) / 1e9,
        time_ns=message.time_ns,
        source=message.source,
        destination=message.destination,
        transport=message.transport.upper(),
        label=label,
        kind=kind,
        start=min(source, destination) + 1,
        span=abs(source - destination) + 1,
        leftwards=destination < source,
        text=message.text[:LONGEST_TEXT],
        cut=len(message.text) > LONGEST_TEXT,
    )


def _place(address: str, lanes: list[str]) -> int:
    return lanes.index(address) if address in lanes else len(lanes) - 1


def describe(message: Message) -> tuple[str, str]:
    """The words on the arrow, and the kind that colours it."""
    first = message.summary
    head, _, _ = message.text.partition("\r\n\r\n")
    offer = " (SDP)" if HAS_SDP.search(head) else ""
    if status := STATUS.match(first):
        code = int(status[1])
        kind = "going" if code < 200 else "ok" if code < 300 else "fail"
        return f"{status[1]} {status[2][:60].strip()}".strip() + offer, kind
    if method := METHOD.match(first):
        return method[1] + offer, "request"
    return first[:60] or "?", "request"
