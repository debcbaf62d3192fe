"""Call files: what signalling decided about one ended call, in one checksummed JSON document."""

import json
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from apresa.shared.files import write_atomically
from recordings.pipeline.spool.content import read_whole
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.sealing import Sealing
from recordings.pipeline.spool.silences import Spans, parse_spans

FORMAT = 1
LARGEST = 256 << 20
NOT_RUNNING = "capture was not running"
"""Why a gap is there that no count of packets tells of; other gaps have the reasons of holes (docs/spool.md)."""


@dataclass(frozen=True, slots=True)
class Codec:
    """One payload type as signalling announced it; rate is the RTP clock in Hz."""

    name: str
    rate: int = 8000
    channels: int = 1
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """The span of a stream that belongs to the call; side is who speaks in it: "caller", "callee" or ""."""

    stream: str
    source: str
    destination: str
    from_ns: int
    to_ns: int
    side: str = ""
    payload_types: dict[int, Codec] = field(default_factory=dict)
    encrypted: bool = False
    ssrcs: tuple[int, ...] = ()  # of a flow that carries several calls' media at once; empty means all
    media: str = "audio"
    keys: tuple[str, ...] = ()  # a=crypto lines of the speaker; secrets, as the messages that hold them


@dataclass(frozen=True, slots=True)
class Message:
    """One SIP message as it was seen; text is decoded as Latin-1 so that every byte survives."""

    time_ns: int
    source: str
    destination: str
    transport: str
    text: str
    leg: int = 0


@dataclass(frozen=True, slots=True)
class CallFile:
    """One ended call. Times are Unix nanoseconds; end_reason is bye, cancel, rejected, redirected, timeout or
    capture_end; keys are the facts of PROTOCOL section 5 ID1, each a list of strings that begins with its kind."""

    local: str
    node: str
    uuid: str
    protocol: str
    started_ns: int
    ended_ns: int
    end_reason: str
    answered_ns: int | None = None
    status: int | None = None
    caller: str = ""
    callee: str = ""
    caller_uri: str = ""
    callee_uri: str = ""
    ended_by: str = ""  # the side whose BYE ended it: "caller" or "callee"
    caller_name: str = ""
    callee_name: str = ""
    call_ids: tuple[str, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()
    streams: tuple[Binding, ...] = ()
    messages: tuple[Message, ...] = ()
    digits: tuple[tuple[int, str, str], ...] = ()  # (time_ns, digit, side) by SIP INFO
    gaps: tuple[tuple[int, int, str], ...] = ()  # (from_ns, to_ns, why) when capture was not running
    record: bool = True
    reason: str = ""
    policy: int = 0
    notes: tuple[str, ...] = ()
    silences: Spans = ()  # what nobody may hear: masked wherever the call's packets are read


def dump_call(call: CallFile) -> bytes:
    facts = asdict(call)
    if not call.silences:
        del facts["silences"]  # so that a node with the release before reads every call without
    body = json.dumps({"format": FORMAT, **facts}, separators=(",", ":")).encode()
    return b"APRCALL1 %08x\n" % zlib.crc32(body) + body


def parse_call(data: bytes) -> CallFile:
    """Raises SpoolError unless the document is whole, of a known format and complete."""
    head, newline, body = data.partition(b"\n")
    if not newline or len(body) > LARGEST or head != b"APRCALL1 %08x" % zlib.crc32(body):
        raise SpoolError("the call file is damaged: its checksum does not fit")
    try:
        facts = json.loads(body)
        version = facts.pop("format")
        if version != FORMAT:
            raise SpoolError(f"the call file has format {version}; this release reads format {FORMAT}")
        return _call(facts)
    except SpoolError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SpoolError(f"the call file is not understood: {error}") from error


def _call(facts: dict[str, Any]) -> CallFile:
    facts["call_ids"] = tuple(facts["call_ids"])
    facts["notes"] = tuple(facts["notes"])
    for name in ("keys", "digits", "gaps"):
        facts[name] = tuple(tuple(item) for item in facts[name])
    facts["silences"] = parse_spans(facts.get("silences", ()))
    facts["messages"] = tuple(Message(**item) for item in facts["messages"])
    facts["streams"] = tuple(_binding(item) for item in facts["streams"])
    return CallFile(**facts)


def _binding(item: dict[str, Any]) -> Binding:
    types = {int(number): Codec(**codec) for number, codec in item["payload_types"].items()}
    return Binding(
        **{**item, "payload_types": types, "ssrcs": tuple(item["ssrcs"]), "keys": tuple(item.get("keys", ()))}
    )


def write_call(path: Path, call: CallFile, sealing: Sealing | None = None) -> None:
    """Write once: temporary file, fsync, rename, fsync of the folder; sealed where the policy says so."""
    if sealing:
        sealing.write(path, dump_call(call))
    else:
        write_atomically(path, dump_call(call))


def read_call(path: Path) -> CallFile:
    """Raises SpoolError, or OSError when the file cannot be read (SpoolLocked: before an unlock)."""
    return parse_call(read_whole(path))
