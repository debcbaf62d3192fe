"""A call as one JSON object, as import_capture prints it."""

from pathlib import Path
from typing import Any

from recordings.models import Call, Stream, Version


def call_json(call: Call, version: Version | None, streams: list[Stream], audio: Path | None) -> dict[str, Any]:
    """audio is where the recording lies; times are ISO 8601 in UTC."""
    return {
        "id": str(call.pk),
        "protocol": call.protocol,
        "call_ids": call.call_ids,
        "caller": call.caller,
        "callee": call.callee,
        "started": call.started.isoformat(),
        "answered": call.answered.isoformat() if call.answered else None,
        "ended": call.ended.isoformat(),
        "end_reason": call.end_reason,
        "status": call.status,
        "state": call.state,
        "digits": "".join(item["digit"] for item in call.digits),
        "streams": [_stream(stream) for stream in streams],
        "audio": str(audio) if audio and version and version.file else None,
        "why_no_audio": call.why_no_audio or call.problem or None,
        "notes": call.notes,
    }


def _stream(stream: Stream) -> dict[str, Any]:
    names = ("ssrc", "codec", "source", "destination", "side", "media", "packets", "lost", "late", "duplicates")
    return {
        **{name: getattr(stream, name) for name in names},
        "jitter_ms": stream.jitter_ms,
        "mos": stream.mos,
        "seconds": stream.seconds,
    }
