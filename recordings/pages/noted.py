"""What the page of a call says of notes, tags and holds."""

from typing import Any

from apresa.accounts.models import User
from recordings.domain import holds, notes
from recordings.models import Call
from recordings.models.act import NAME_LENGTH, NOTE_LENGTH, REASON_LENGTH, TAG_LENGTH
from recordings.queries.acts import active_holds, contest_on, holds_on, notes_on, words_on

LENGTHS = {"note": NOTE_LENGTH, "tag": TAG_LENGTH, "name": NAME_LENGTH, "reason": REASON_LENGTH}


def noted(call: Call, user: User, **typed: Any) -> dict[str, Any]:
    """`typed`: what a refused form held, with `problem`, the sentence, and `problem_at`, which form it was."""
    shown = [
        {"note": note, "may_change": notes.may_change(note, user), "may_remove": notes.may_remove(note, user)}
        for note in notes_on(call)
    ]
    may_note = user.has_perm("recordings.note_call")
    return {"call": call, "notes": shown, "tags": words_on(call), "may_note": may_note, "lengths": LENGTHS, **typed}


def held(call: Call, user: User) -> dict[str, Any]:
    """The holds on a call, for those who may see holds; what is contested, for those who decide."""
    may = {"hold": user.has_perm("recordings.hold_call"), "release": user.has_perm("recordings.release_hold")}
    found: dict[str, Any] = {"may_hold": may["hold"], "may_release": may["release"], "lengths": LENGTHS}
    if holds.may_see(user):
        found["holds"] = holds_on(call)
        mine = {hold.pk for hold in found["holds"]}
        found["other_holds"] = [hold for hold in active_holds() if hold.pk not in mine] if may["hold"] else []
    if may["release"]:
        found["contest"] = contest_on(call)
    return found
