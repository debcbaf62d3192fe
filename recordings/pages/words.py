"""Codes of the capture engine as sentences for people."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

END_ICONS = {
    "bye": "phone",
    "cancel": "phone-off",
    "rejected": "phone-x",
    "redirected": "arrow-right",
    "timeout": "clock",
    "capture_end": "phone",
}


def how_it_ended(reason: str, status: int | None, *, answered: bool, by: str = "") -> str:
    """One plain sentence; the technical term is shown beside it. `by` is the side that hung up, where it is known."""
    if reason == "bye" and by in {"caller", "callee"}:
        return _("The caller hung up.") if by == "caller" else _("The called side hung up.")
    if reason in {"rejected", "redirected"}:
        return _refused(status)
    if reason == "capture_end" and not answered:
        return _("The capture ended before the call was answered.")
    sentences = {
        "bye": _("One side hung up."),
        "cancel": _("The caller gave up before anyone answered."),
        "timeout": _("No one said that the call was over, but nothing more was heard of it."),
        "capture_end": _("The call was still going on when the capture ended."),
    }
    return sentences.get(reason) or _("How the call ended is not known.")


def technical_end(reason: str, status: int | None) -> str:
    """The field's own term for the end: a SIP method or a status code."""
    terms = {"bye": "BYE", "cancel": "CANCEL", "timeout": "time-out", "capture_end": "end of capture"}
    return terms.get(reason) or (f"SIP {status}" if status else reason)


def quality(mos: float | None) -> tuple[str, str]:
    """A word for a mean opinion score, and the name of its colour."""
    if mos is None:
        return "", ""
    if mos >= 4.0:
        return _("Good"), "good"
    if mos >= 3.1:
        return _("Fair"), "fair"
    return _("Poor"), "bad"


def why_no_audio(reason: str, *, answered: bool) -> str:
    """A plain sentence for the renderer's reason, which is shown beside it as the technical term."""
    if not answered:
        return _("The call was not answered, so there is nothing to hear.")
    if reason.startswith("no RTP"):
        return _(
            "The call was seen, but none of its sound came past: perhaps only signalling is mirrored to this machine."
        )
    if reason.startswith("encrypted"):
        return _("The sound of this call is encrypted, and Apresa has no key to it. Its packets are kept.")
    if "cannot be decoded" in reason or "packets are kept" in reason:
        return _("The sound of this call is in a form that this release cannot turn into audio. Its packets are kept.")
    if reason.startswith("no sound"):
        return _("Neither side sent any sound.")
    return _("There is no audio of this call.")


def gap_sentence(seconds: Sequence[float]) -> str:
    """What was not heard because capture was not running."""
    total = sum(seconds)
    return ngettext(
        "Capture was interrupted once during this call: %(seconds).1f seconds were not heard.",
        "Capture was interrupted %(number)d times during this call: %(seconds).1f seconds were not heard.",
        len(seconds),
    ) % {"number": len(seconds), "seconds": total}


def what_changed(codes: str) -> str:
    """What a verification found, in words: the codes of `domain.verifying`, which documentation and API have."""
    known = {
        "recording": _("the file of the recording"),
        "details": _("the file of the signalling"),
        "packets": _("the file of the packets"),
        "facts": _("what is said of the call"),
        "link": _("the call's link in the chain of evidence"),
        "not-linked": _("no link of the chain speaks of it"),
    }
    return ", ".join(f"{known.get(code, code)} ({code})" for code in codes.split())


def _refused(status: int | None) -> str:
    known = {
        401: _("The call was refused: the caller did not prove who it is."),
        403: _("The call was refused: it is not allowed."),
        404: _("The called number does not exist."),
        407: _("The call was refused: the caller did not prove who it is."),
        408: _("The called side did not answer in time."),
        480: _("The called side could not be reached."),
        484: _("The dialled number was incomplete."),
        486: _("The called side was busy."),
        487: _("The caller gave up before anyone answered."),
        488: _("The two sides found no codec in common."),
        500: _("A server failed, so the call was not connected."),
        502: _("A server failed, so the call was not connected."),
        503: _("A server was not available, so the call was not connected."),
        600: _("The called side was busy."),
        603: _("The called side declined the call."),
    }
    if status and 300 <= status < 400:
        return _("The called side sent the caller to another number.")
    return known.get(status or 0) or _("The call was refused.")
