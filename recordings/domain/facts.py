"""Two views of one call as one call file: what the first did not know, the second may add (PROTOCOL ID3, K3)."""

from dataclasses import replace
from typing import Any

from recordings.domain.identity import FINAL
from recordings.pipeline.spool.calls import CallFile, Message
from recordings.pipeline.spool.silences import united

_FILLED = ("caller", "callee", "caller_uri", "callee_uri", "caller_name", "callee_name", "answered_ns", "status")
_END = ("end_reason", "ended_by", "status", "ended_ns")
MOST_MESSAGES = 20_000


def merged(stored: CallFile, new: CallFile) -> CallFile:
    """The united facts; streams are left to the caller. Times already shown stay as they are."""
    base, other = (new, stored) if stored.protocol != "sip" and new.protocol == "sip" else (stored, new)
    changes: dict[str, Any] = {
        name: getattr(other, name) for name in _FILLED if getattr(base, name) in (None, "") and base.protocol == "sip"
    }
    if base.end_reason not in FINAL and other.end_reason in FINAL:
        changes |= {name: getattr(other, name) for name in _END}
    return replace(
        base,
        **changes,
        call_ids=_joined(base.call_ids, other.call_ids),
        keys=_joined(base.keys, other.keys),
        notes=_joined(base.notes, other.notes),
        gaps=_joined(base.gaps, other.gaps),
        digits=_joined(base.digits, other.digits),
        messages=_messages(base.messages, other.messages),
        silences=united(base.silences, other.silences),
    )


def _joined(left: tuple[Any, ...], right: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys([*left, *right]))


def _messages(left: tuple[Message, ...], right: tuple[Message, ...]) -> tuple[Message, ...]:
    """Each message once: two recorders' clocks may differ, its bytes and addresses do not."""
    seen = {(message.source, message.destination, message.text) for message in left}
    added = [message for message in right if (message.source, message.destination, message.text) not in seen]
    if not added:
        return left
    return tuple(sorted([*left, *added], key=lambda message: message.time_ns)[:MOST_MESSAGES])


def adds_nothing(stored: CallFile, new: CallFile) -> bool:
    """Whether the new view says nothing that the stored one does not."""
    plain = replace(merged(stored, new), streams=(), gaps=(), notes=())
    return plain == replace(stored, streams=(), gaps=(), notes=())
