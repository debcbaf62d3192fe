"""What is asked of a render and what it answers; both travel as one line of JSON."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from recordings.pipeline.render.errors import RenderError
from recordings.pipeline.spool.calls import Binding, Codec
from recordings.pipeline.spool.silences import Spans, parse_spans


@dataclass(frozen=True, slots=True)
class Source:
    """A stream file and the span of it that belongs to the call; `key` opens this file where it is sealed."""

    path: str
    binding: Binding
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """Make folder/name.suffix and folder/name.peaks of the call's streams; format is a name of encode.FORMATS."""

    sources: tuple[Source, ...]
    folder: str
    name: str
    format: str = "flac"
    silences: Spans = ()
    """What nobody may hear of them."""


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One SSRC between two addresses. seconds run from its first packet to the end of its last on the RTP clock.

    holes are (start_ns, end_ns, packets, reason) as capture knows them; undecodable counts packets without sound.
    """

    ssrc: str
    codec: str
    source: str
    destination: str
    side: str
    packets: int
    lost: int
    late: int
    duplicates: int
    conflicts: int
    jitter_ms: float
    jitter_max_ms: float
    max_gap_ms: float
    mos: float
    r_factor: float
    seconds: float
    first_ns: int
    last_ns: int
    encrypted: bool = False
    undecodable: int = 0
    holes: tuple[tuple[int, int, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DigitRow:
    """A key pressed; second counts from the start of the audio."""

    time_ns: int
    digit: str
    milliseconds: int
    side: str
    second: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """The packets of one SSRC between two addresses: inclusive intervals of long sequence numbers, and a digest
    (SHA-256 over sequence u64, timestamp u32, CRC-32 of the payload u32, big-endian, in sequence order)."""

    ssrc: str
    source: str
    destination: str
    intervals: tuple[tuple[int, int], ...]
    digest: str


@dataclass(frozen=True, slots=True)
class RenderResult:
    """audio and peaks are file names in the folder, or None and why_no_audio says why; sample 0 is at started_ns."""

    audio: str | None
    peaks: str | None
    why_no_audio: str
    format: str
    seconds: float
    sample_rate: int
    started_ns: int
    size: int
    sha256: str
    streams: tuple[StreamRow, ...]
    digits: tuple[DigitRow, ...]
    coverage: tuple[Coverage, ...]
    warnings: tuple[str, ...]


def dump(item: RenderRequest | RenderResult) -> str:
    """One line of JSON."""
    return json.dumps(asdict(item), separators=(",", ":"))


def parse_request(text: str | bytes) -> RenderRequest:
    """Raises RenderError unless the text is a whole request."""
    try:
        facts = json.loads(text)
        sources = tuple(map(_source, facts["sources"]))
        place = (str(facts["folder"]), str(facts["name"]), str(facts["format"]))
        return RenderRequest(sources, *place, parse_spans(facts["silences"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RenderError(f"the request is not understood: {error}") from error


def parse_result(text: str | bytes) -> RenderResult:
    """Raises RenderError unless the text is a whole result."""
    try:
        facts = json.loads(text)
        facts["streams"] = tuple(
            StreamRow(**{**row, "holes": tuple(tuple(hole) for hole in row["holes"])}) for row in facts["streams"]
        )
        facts["digits"] = tuple(DigitRow(**row) for row in facts["digits"])
        facts["coverage"] = tuple(
            Coverage(**{**row, "intervals": tuple(tuple(pair) for pair in row["intervals"])})
            for row in facts["coverage"]
        )
        return RenderResult(**{**facts, "warnings": tuple(facts["warnings"])})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RenderError(f"the answer is not understood: {error}") from error


def _source(facts: dict[str, Any]) -> Source:
    key = bytes.fromhex(facts.get("key", ""))
    return Source(str(facts["path"]), _binding(facts["binding"]), key.hex())


def _binding(facts: dict[str, Any]) -> Binding:
    types = {int(number): Codec(**codec) for number, codec in facts["payload_types"].items()}
    ssrcs, keys = tuple(int(number) for number in facts["ssrcs"]), tuple(map(str, facts.get("keys", ())))
    return Binding(**{**facts, "payload_types": types, "ssrcs": ssrcs, "keys": keys})
