"""Notes and tags on calls. Each act is in the audit trail; what a note said before is there, too."""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from apresa.accounts.models import User
from apresa.audit import domain as audit
from recordings.domain import acting
from recordings.domain.acting import ActRefused, begun, read_tag, read_text
from recordings.models import Call, Note, Tag
from recordings.models.act import NOTE_LENGTH

MOST_NOTES, MOST_TAGS = 500, 50  # of one call


@transaction.atomic
def add_note(call: Call, text: object, *, by: User, address: str = "") -> Note:
    """Raises ActRefused, Call.DoesNotExist where the call was deleted a moment ago."""
    found = read_text(text, NOTE_LENGTH, "text")
    lock(call)
    if Note.objects.filter(call=call, ended=False).count() >= MOST_NOTES:
        raise ActRefused(_("This call has as many notes as it may have. Change one of them."), "text")
    note: Note = Note.objects.create(call=call, text=found, **begun(by.username))
    audit.record(by, "note-added", f"call {call.pk}", address=address, note=str(note.pk))
    return note


@transaction.atomic
def change_note(call: Call, name: uuid.UUID, text: object, *, by: User, address: str = "") -> Note:
    """By its author. What it said before goes to the audit trail. Raises ActRefused, Note.DoesNotExist."""
    found = read_text(text, NOTE_LENGTH, "text")
    note = _note(call, name)
    if not may_change(note, by):
        raise ActRefused(_("Only who wrote a note may change it."))
    if note.text != found:
        detail = {"note": str(note.pk), "former": note.text}
        acting.change(note, by.username, text=found)
        audit.record(by, "note-changed", f"call {call.pk}", address=address, **detail)
    return note


@transaction.atomic
def remove_note(call: Call, name: uuid.UUID, *, by: User, address: str = "") -> None:
    """By its author, or by who may delete the whole call. Raises ActRefused, Note.DoesNotExist."""
    note = _note(call, name)
    if not may_remove(note, by):
        raise ActRefused(_("Only who wrote a note, or may delete the call, may remove it."))
    detail = {"note": str(note.pk), "author": note.by, "former": note.text}
    acting.change(note, by.username, ended=True, text="")
    audit.record(by, "note-removed", f"call {call.pk}", address=address, **detail)


def may_change(note: Note, user: User) -> bool:
    return note.by == user.username and user.has_perm("recordings.note_call")


def may_remove(note: Note, user: User) -> bool:
    return may_change(note, user) or user.has_perm("recordings.delete_call")


@transaction.atomic
def add_tag(call: Call, word: object, *, by: User, address: str = "") -> str:
    """The tag as it is kept; one that is there already changes nothing. Raises ActRefused, Call.DoesNotExist."""
    found = read_tag(word)
    lock(call)
    there = set(Tag.objects.filter(call=call, ended=False).values_list("word", flat=True))
    if found in there:
        return found
    if len(there) >= MOST_TAGS:
        raise ActRefused(_("This call has as many tags as it may have. Remove one of them first."), "word")
    Tag.objects.create(call=call, word=found, **begun(by.username))
    audit.record(by, "tag-added", f"call {call.pk}", address=address, tag=found)
    return found


@transaction.atomic
def remove_tag(call: Call, word: object, *, by: User, address: str = "") -> bool:
    """Whether it was there. Raises ActRefused, Call.DoesNotExist."""
    found = read_tag(word)
    lock(call)
    rows = list(Tag.objects.filter(call=call, word=found, ended=False))  # several where two nodes gave the same
    for row in rows:
        acting.change(row, by.username, ended=True)
    if rows:
        audit.record(by, "tag-removed", f"call {call.pk}", address=address, tag=found)
    return bool(rows)


def lock(call: Call) -> None:
    """Nobody deletes the call, or tags it at the same time, until the transaction ends."""
    Call.objects.select_for_update().only("pk").get(pk=call.pk)


def _note(call: Call, name: uuid.UUID) -> Note:
    found: Note = Note.objects.select_for_update().get(pk=name, call=call, ended=False)
    return found
