"""Notes, tags and holds to look at: a few, one of each state, and some as long as they may be."""

from datetime import timedelta

from apresa.accounts.models import User
from recordings.domain import holds, notes
from recordings.models import Call, Contest, Why
from recordings.models.act import NAME_LENGTH, REASON_LENGTH, TAG_LENGTH

NOTE = """The client confirmed the rate: 1.0842 for 5 million, value date the 9th.
Written confirmation was sent at 14:20; the back office has it."""


def fill(calls: list[Call], hostile: Call) -> None:
    """Of at least eight calls: a noted one, a held one, a contested one; and the one with torture in it."""
    anna, carl = (User.objects.get(username=name) for name in ("anna", "carl"))
    holds.place("w" * NAME_LENGTH, "w" * REASON_LENGTH, [hostile], by=anna)
    first = notes.add_note(calls[1], "Asked for the rate.", by=anna)
    notes.change_note(calls[1], first.pk, "Asked for the rate twice.", by=anna)
    notes.add_note(calls[1], NOTE, by=carl)
    for word in ("fx", "late trade", "complaint", "to be checked"):
        notes.add_tag(calls[1], word, by=carl)
    notes.add_note(calls[6], NOTE, by=carl)
    notes.add_tag(calls[6], "fx", by=carl)
    reason = "The regulator asks for all calls on the order of 3 March."
    case = holds.place("Case 2026-114", reason, calls[6:8], by=anna)
    holds.extend(case.pk, calls[9:12], by=anna)
    over = holds.place("Internal audit 2025", "Sample of last year's calls.", calls[9:10], by=anna)
    holds.release(over.pk, by=anna)
    gone = {"grave": calls[7].pk, "why": Why.PERSON, "who": "bob", "at": calls[7].ended + timedelta(hours=1)}
    Contest.objects.create(call=calls[7], origin="south", **gone)
    notes.add_note(hostile, "<script>" + "w" * 400, by=anna)
    notes.add_tag(hostile, "w" * TAG_LENGTH, by=anna)
