"""Why a call is, or is not, a recording: each reason of `recordings.domain.verdict` in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from recordings.domain.verdict import Reason

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Words:
    """`label` for lists, one sentence, and what a person can do; empty where there is nothing to do."""

    label: Text
    sentence: Text
    step: Text = ""


WHY: dict[str, Words] = {
    Reason.WHOLE: Words(_("Whole"), _("The call was recorded from its beginning to its end.")),
    Reason.MID_CALL: Words(
        _("From the middle"),
        _("The call had begun before capture heard it: it is recorded from then on."),
        _("If capture had not just been started, the mirror port may lose signalling: see the mirror report."),
    ),
    Reason.IN_PART: Words(
        _("In part"),
        _("Packets of the call are missing: capture was interrupted, or packets were dropped."),
        _("See the mirror report for drops, and the events for an interruption at that time."),
    ),
    Reason.ONE_SIDE: Words(
        _("One side only"),
        _("Only one side of the call was heard, although it was answered."),
        _("Mirror both directions of the port; the mirror report tells how many calls this happens to."),
    ),
    Reason.RULE: Words(_("A rule"), _("A rule says that this call is not to be recorded.")),
    Reason.SWITCHED_OFF: Words(_("Switched off"), _("Recording was switched off.")),
    Reason.WITHOUT_SIGNALLING: Words(
        _("Without signalling"),
        _("Only sound was seen, no signalling, and such calls are not to be recorded."),
        _("The setting capture.calls_without_signalling says so; see the mirror report for why signalling is missing."),
    ),
    Reason.NOT_ANSWERED: Words(_("Not answered"), _("Nobody answered the call, so there was nothing to record.")),
    Reason.NO_MEDIA: Words(
        _("No sound seen"),
        _("The call was answered, but none of its sound came past."),
        _("Mirror the ports or the VLAN that carry the sound, too: it may go another way than the signalling."),
    ),
    Reason.NO_ROOM: Words(
        _("No room"),
        _("Capture had no room for the call's sound: too many streams at once, or a full disk."),
        _("Give the spool more room, or keep other traffic off the mirror port."),
    ),
    Reason.NOT_HEARD: Words(
        _("Not heard"),
        _("Nobody listened while the call's sound came past: capture was interrupted, or dropped packets."),
        _("See the events for that time."),
    ),
    Reason.NO_KEY: Words(
        _("Encrypted"),
        _("The sound is encrypted, and there is no key to it. The packets are kept."),
        _("Let the telephones exchange keys in signalling that Apresa can read, or switch encryption off there."),
    ),
    Reason.NO_DECODER: Words(
        _("Unknown codec"),
        _("The sound is in a form that this release cannot turn into audio. The packets are kept."),
        _("Choose a codec on the telephone system that Apresa knows."),
    ),
    Reason.NO_SOUND: Words(_("Silence"), _("Neither side sent any sound, only tones or comfort noise.")),
    Reason.DAMAGED: Words(
        _("Damaged"),
        _("What capture wrote of the call cannot be read; it was put aside."),
        _("Check the disk of the spool. The file is kept in the folder “damaged”."),
    ),
    Reason.DELETED: Words(_("Deleted"), _("The call had been deleted when another copy of it came.")),
    Reason.FAILED: Words(
        _("Not yet stored"),
        _("The call could not be turned into a recording yet. Its packets are kept, and it is tried again."),
        _("“manage.py settle --again” tries all such calls now."),
    ),
    Reason.SAME_CALL: Words(_("Same call"), _("This turned out to be a part of another call, and is stored there.")),
}
UNKNOWN = Words(_("Another reason"), _("This release does not know the reason; a newer one wrote it."))


def words(reason: str) -> Words:
    return WHY.get(reason, UNKNOWN)


def english(reason: str) -> str:
    """For log and API: the sentence that a person would read, whoever asks."""
    with override("en"):
        return str(words(reason).sentence)
