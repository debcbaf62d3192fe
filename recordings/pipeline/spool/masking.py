"""A call file without what was said, or typed, in a span that nobody may hear."""

from dataclasses import replace

from recordings.pipeline.spool.calls import CallFile, Message
from recordings.pipeline.spool.silences import Spans, united

SILENCED = "[silenced]"
# What carries keys that somebody pressed: RFC 6086 (INFO), RFC 4730 (KPML, in NOTIFY), and what is sent as text.
TELLING = ("INFO ", "NOTIFY ", "MESSAGE ")


def masked(call: CallFile, spans: Spans) -> CallFile:
    """With these spans, too; its packets are left out wherever they are read. Twice is once."""
    spans = united(call.silences, spans)
    if not spans:
        return call
    return replace(
        call,
        silences=spans,
        digits=tuple(digit for digit in call.digits if not _within(digit[0], spans)),
        messages=tuple(_masked(message) if _within(message.time_ns, spans) else message for message in call.messages),
    )


def _within(time_ns: int, spans: Spans) -> bool:
    return any(start <= time_ns <= end for start, end in spans)


def _masked(message: Message) -> Message:
    """Without its body, which may hold digits."""
    if not message.text.startswith(TELLING):
        return message
    head, empty, _ = message.text.partition("\r\n\r\n")
    return replace(message, text=f"{head}{empty}{SILENCED}") if empty else message
