"""What stands beside a call's audio rather than in its row: SIP messages, digits, holes, waveform."""

import gzip
import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recordings.models import Version

LARGEST = 64 << 20


@dataclass(frozen=True, slots=True)
class Message:
    """One SIP message. number counts from 0; summary is the start line; time_ns is Unix nanoseconds."""

    number: int
    time_ns: int
    source: str
    destination: str
    transport: str
    text: str
    leg: int = 0

    @property
    def summary(self) -> str:
        return self.text.lstrip("\r\n").partition("\n")[0].rstrip("\r")[:200]


@dataclass(frozen=True, slots=True)
class Details:
    """digits: [{"time_ns", "digit", "side", "ms"}]; streams: the renderer's full figures."""

    messages: list[Message] = field(default_factory=list)
    digits: list[dict[str, Any]] = field(default_factory=list)
    streams: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_details(library: Path, version: Version | None) -> Details:
    """The details of a version; empty when it has none or its file is not there or damaged."""
    if version is None or not version.details:
        return Details()
    try:
        with gzip.open(library / version.details) as file:
            data = file.read(LARGEST + 1)
        facts = json.loads(data) if len(data) <= LARGEST else {}
        messages = [Message(number, **item) for number, item in enumerate(facts.get("messages", []))]
        return Details(messages, facts.get("digits", []), facts.get("streams", []), facts.get("warnings", []))
    except (OSError, EOFError, zlib.error, ValueError, TypeError, AttributeError):
        return Details()
