"""What people do with calls: notes, tags, holds. Two nodes may do so apart, and are united by uuid (PROTOCOL U1)."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from recordings.models.call import NUMBER_LENGTH, Call

NOTE_LENGTH, TAG_LENGTH, NAME_LENGTH, REASON_LENGTH = 4000, 40, 120, 1000


class Act(models.Model):
    """An act is never removed alone: `ended` keeps it from coming back with the other node's copy.

    `stamp` is the time of its last change, later than that of every change before (a hybrid clock).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.CharField(_("who"), max_length=NUMBER_LENGTH)
    at = models.DateTimeField(_("time"))
    stamp = models.DateTimeField(_("changed"))
    changed_by = models.CharField(_("changed by"), max_length=NUMBER_LENGTH, blank=True)
    ended = models.BooleanField(_("over"), default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)


class Note(Act):
    """What somebody has to say of a call. A removed one has no text any more."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="written")
    text = models.TextField(_("text"), blank=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ("at", "id")
        default_permissions = ()


class Tag(Act):
    """A word on a call. Removed and put on again it is a new row, so that a removal takes only what it has seen."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="tags")
    word = models.CharField(_("tag"), max_length=TAG_LENGTH)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ("word", "id")
        default_permissions = ()
        indexes = [models.Index(fields=["word"], condition=models.Q(ended=False), name="tag_in_use")]


class Hold(Act):
    """A reason to keep calls, whoever wants to delete them; until it is released (`ended`)."""

    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    reason = models.CharField(_("reason"), max_length=REASON_LENGTH, blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ("-at", "id")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class HeldCall(Act):
    """A call under a hold; `ended` when it was taken out. The row protects the call's own: no deletion forgets it.

    Without a call where that was deleted after it had been taken out: the other node's copy must not hold it again.
    """

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="held")
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="held", null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["call"], condition=models.Q(ended=False), name="held_now")]
