"""A call file and its render as rows and as the details file."""

import gzip
import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from recordings.domain.text import clean, readable
from recordings.models import Call, Stream
from recordings.models.call import NUMBER_LENGTH, URI_LENGTH
from recordings.pipeline.render.request import RenderResult, StreamRow
from recordings.pipeline.spool.calls import CallFile

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST_NS = 250_000_000_000 * 10**9  # the year 9892: a capture may claim any time, a datetime ends in 9999
MOST_STREAMS = 1000
NOTHING = "telephone-event", "CN"
SAME_DIGIT_NS = 2_000_000_000


def moment(time_ns: int) -> datetime:
    """A Unix time in nanoseconds as a datetime, to the microsecond."""
    return EPOCH + timedelta(microseconds=min(max(time_ns, 0), LATEST_NS) // 1000)


def call_fields(call: CallFile) -> dict[str, Any]:
    """The columns that signalling knows."""
    began = call.answered_ns if call.answered_ns is not None else call.started_ns
    return {
        "protocol": clean(call.protocol, 8),
        "caller": clean(user_part(call.caller), NUMBER_LENGTH),
        "callee": clean(user_part(call.callee), NUMBER_LENGTH),
        "caller_name": clean(readable(call.caller_name), NUMBER_LENGTH),
        "callee_name": clean(readable(call.callee_name), NUMBER_LENGTH),
        "caller_uri": clean(readable(call.caller_uri or call.caller), URI_LENGTH),
        "callee_uri": clean(readable(call.callee_uri or call.callee), URI_LENGTH),
        "call_ids": [clean(readable(item), URI_LENGTH) for item in call.call_ids[:100]],
        "started": moment(call.started_ns),
        "answered": None if call.answered_ns is None else moment(call.answered_ns),
        "ended": moment(call.ended_ns),
        "duration_ms": max(0, call.ended_ns - began) // 1_000_000,
        "end_reason": clean(call.end_reason, 20),
        "ended_by": clean(call.ended_by, 8),
        "status": call.status,
        "gaps": [{"from_ns": start, "to_ns": end, "why": clean(why, 200)} for start, end, why in call.gaps[:1000]],
        "notes": [clean(note, 500) for note in call.notes[:100]],
        "node": clean(call.node, 64),
        "policy": call.policy,
    }


def user_part(uri: str) -> str:
    """ "sip:100@example.org" → "100"; an address without scheme (RTP alone) stays as it is."""
    text = readable(uri)
    scheme, colon, rest = text.partition(":")
    if not colon or scheme.lower() not in {"sip", "sips", "tel"}:
        return text
    user = rest.partition("@")[0] if "@" in rest else rest
    return user.partition(";")[0].partition("?")[0]


def result_fields(result: RenderResult, digits: list[dict[str, Any]], missing: tuple[str, ...]) -> dict[str, Any]:
    """The columns that the render knows, and the digits of both."""
    audible = [row for row in result.streams if row.codec not in NOTHING]
    marks = [row.mos for row in audible if row.packets and not row.encrypted]
    return {
        "has_audio": result.audio is not None,
        "why_no_audio": "" if result.audio else clean(result.why_no_audio, 500),
        "codecs": ", ".join(dict.fromkeys(clean(row.codec, 40) for row in audible))[:200],
        "mos": min(marks) if marks else None,
        "digits": digits[:1000],
        "problem": "; ".join(clean(item, 300) for item in missing[:10]),
    }


def all_digits(call: CallFile, result: RenderResult) -> list[dict[str, Any]]:
    """Keys pressed, heard as RFC 4733 events or seen as SIP INFO; a key that came both ways counts once."""
    found: list[dict[str, Any]] = [
        {"time_ns": row.time_ns, "digit": row.digit, "side": row.side, "ms": row.milliseconds} for row in result.digits
    ]
    for time_ns, digit, side in call.digits:
        heard = any(item["digit"] == digit and abs(item["time_ns"] - time_ns) < SAME_DIGIT_NS for item in found)
        if not heard:
            found.append({"time_ns": time_ns, "digit": clean(digit, 4), "side": side, "ms": 0})
    return sorted(found, key=lambda item: int(item["time_ns"]))


def stream_rows(
    call: Call, result: RenderResult, media: dict[tuple[str, str], str], wrappings: dict[tuple[str, str], str]
) -> list[Stream]:
    """media tells what flows between two addresses, wrappings how the mirror port brought it."""
    found = []
    for position, row in enumerate(result.streams[:MOST_STREAMS]):
        flow = row.source, row.destination
        found.append(_stream(call, position, row, media.get(flow, "audio"), wrappings.get(flow, "")))
    return found


def _stream(call: Call, position: int, row: StreamRow, media: str, wrapping: str) -> Stream:
    return Stream(
        call=call,
        position=position,
        ssrc=row.ssrc,
        codec=clean(row.codec, 40),
        source=clean(row.source, 64),
        destination=clean(row.destination, 64),
        side=row.side,
        media=clean(media, 16),
        encrypted=row.encrypted,
        wrapping=clean(wrapping, 120),
        packets=row.packets,
        lost=row.lost,
        late=row.late,
        duplicates=row.duplicates,
        jitter_ms=row.jitter_ms,
        mos=row.mos,
        seconds=row.seconds,
        first=moment(row.first_ns),
        last=moment(row.last_ns),
    )


def details(call: CallFile, result: RenderResult, digits: list[dict[str, Any]]) -> bytes:
    """The details file: what is too large for rows. Equal facts give equal bytes."""
    facts = {
        "format": 1,
        "call": {**call_fields(call), "started": call.started_ns, "answered": call.answered_ns, "ended": call.ended_ns},
        "messages": [asdict(message) for message in call.messages],
        "streams": [asdict(row) for row in result.streams],
        "digits": digits,
        "audio_started_ns": result.started_ns,
        "warnings": list(result.warnings),
    }
    return gzip.compress(json.dumps(facts, separators=(",", ":")).encode(), compresslevel=6, mtime=0)
