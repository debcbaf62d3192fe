"""Why a dialog is, or is not, a recording: a pure decision over what settling knows of it (law 6).

The codes are for log, API and database; the words stand in `recordings.catalogue.why`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from recordings.pipeline.spool.calls import NOT_RUNNING, CallFile
from recordings.pipeline.spool.policy import SWITCHED_OFF, WITHOUT_SIGNALLING

NO_ROOM = frozenset({"streams", "disk"})
"""Reasons of a gap: capture had no room for the packets; any other is that nobody listened."""


class Reason(StrEnum):
    """Those up to ONE_SIDE are of recorded calls, and are remarks on them, too."""

    WHOLE = "whole"
    MID_CALL = "mid-call"
    IN_PART = "in-part"
    ONE_SIDE = "one-side"
    RULE = "rule"
    SWITCHED_OFF = "switched-off"
    WITHOUT_SIGNALLING = "without-signalling"
    NOT_ANSWERED = "not-answered"
    NO_MEDIA = "no-media"
    NO_ROOM = "no-room"
    NOT_HEARD = "not-heard"
    NO_KEY = "no-key"
    NO_DECODER = "no-decoder"
    NO_SOUND = "no-sound"
    DAMAGED = "damaged"
    DELETED = "deleted"
    FAILED = "failed"
    SAME_CALL = "same-call"


class Outcome(StrEnum):
    """As `recordings.models.Kept`."""

    RECORDED = "recorded"
    NOT_RECORDED = "not-recorded"
    PENDING = "pending"
    JOINED = "joined"


RULES = {SWITCHED_OFF: Reason.SWITCHED_OFF, WITHOUT_SIGNALLING: Reason.WITHOUT_SIGNALLING}
"""Refusals by a setting; any other text is the name of a rule."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one ended dialog. `sides`: how many parties sent sound; `gaps`: why capture missed some of what
    came in its time; `lost`: packets that its own numbers show to be missing; `begun`: whether its first message was
    seen; `missing`: a part of its packets is lost since."""

    record: bool = True
    rule: str = ""
    answered: bool = True
    begun: bool = True
    has_audio: bool = False
    why_no_audio: str = ""
    packets: int = 0
    sides: int = 0
    lost: int = 0
    gaps: frozenset[str] = frozenset()
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    kept: Outcome
    reason: Reason
    detail: str = ""
    remarks: tuple[Reason, ...] = ()


def decide(seen: Seen) -> Verdict:
    """Of a dialog that was settled."""
    if not seen.record:
        return refused(seen.rule)
    remarks = tuple(_remarks(seen))
    if seen.has_audio:
        return Verdict(Outcome.RECORDED, remarks[0] if remarks else Reason.WHOLE, "", remarks)
    return Verdict(Outcome.NOT_RECORDED, _why_silent(seen), seen.why_no_audio, remarks)


def refused(rule: str) -> Verdict:
    """Of a dialog that is not to be recorded."""
    return Verdict(Outcome.NOT_RECORDED, RULES.get(rule, Reason.RULE), rule)


def failed(why: str) -> Verdict:
    """Of a dialog whose packets are kept, and tried again."""
    return Verdict(Outcome.PENDING, Reason.FAILED, why)


DAMAGED = Verdict(Outcome.NOT_RECORDED, Reason.DAMAGED)
DELETED = Verdict(Outcome.NOT_RECORDED, Reason.DELETED)
JOINED = Verdict(Outcome.JOINED, Reason.SAME_CALL)


def _remarks(seen: Seen) -> Collection[Reason]:
    found = []
    if not seen.begun:
        found.append(Reason.MID_CALL)
    if seen.has_audio and seen.answered and seen.sides == 1:
        found.append(Reason.ONE_SIDE)
    if seen.missing or _missed_some(seen):
        found.append(Reason.IN_PART)
    return found


def _missed_some(seen: Seen) -> bool:
    """Packets that were dropped may have been other calls': one whose numbers are complete on both sides lacks none."""
    complete = seen.has_audio and seen.sides > 1 and not seen.lost
    return bool(seen.gaps & {NOT_RUNNING}) if complete else bool(seen.gaps)


def _why_silent(seen: Seen) -> Reason:
    """Nothing can be heard: the reason that a person could do something about comes first."""
    if not seen.answered:
        return Reason.NOT_ANSWERED
    if seen.why_no_audio.startswith("encrypted"):
        return Reason.NO_KEY
    if seen.why_no_audio.startswith("no sound"):
        return Reason.NO_SOUND
    if seen.packets or "packets are kept" in seen.why_no_audio:
        return Reason.NO_DECODER
    if seen.gaps & NO_ROOM:
        return Reason.NO_ROOM
    return Reason.NOT_HEARD if seen.gaps or seen.missing else Reason.NO_MEDIA


def beginning_seen(call: CallFile) -> bool:
    """Whether the INVITE that began the dialog is among its messages; where none was kept, nobody can tell."""
    if call.protocol != "sip" or not call.messages:
        return True
    return any(message.text.startswith("INVITE ") and not _has_tag(message.text) for message in call.messages)


def _has_tag(text: str) -> bool:
    """Whether the To header names a dialog (RFC 3261 section 12)."""
    for line in text.partition("\r\n\r\n")[0].split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() in {"to", "t"}:
            return ";tag=" in value.lower().replace(" ", "")
    return False
