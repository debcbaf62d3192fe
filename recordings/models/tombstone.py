"""What settles a call for ever without keeping anything of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Why(models.TextChoices):
    PERSON = "person", _("Deleted by a person")
    RETENTION = "retention", _("Its time of retention was over")
    RULE = "rule", _("A rule says not to record it")


class Tombstone(models.Model):
    """A call that is never stored again. The times only tell a later call with the same keys apart."""

    id = models.UUIDField(primary_key=True, editable=False)
    why = models.CharField(_("reason"), max_length=10, choices=Why)
    who = models.CharField(_("who"), max_length=150, blank=True)
    at = models.DateTimeField(_("time"))
    call_started = models.DateTimeField()
    call_ended = models.DateTimeField()
    files = models.JSONField(default=list)
    erased_at = models.DateTimeField(_("files erased"), null=True, blank=True)
    linked = models.BooleanField(default=False, db_default=False, editable=False)
    lsn = models.BigIntegerField("LSN", null=True, blank=True)
    """A position in PostgreSQL's log that its commit does not exceed; None until it is known."""

    class Meta:
        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")
        ordering = ("-at",)
        indexes = [
            models.Index(fields=["at"], condition=models.Q(erased_at=None), name="tombstone_to_erase"),
            models.Index(fields=["at"], condition=models.Q(lsn=None), name="tombstone_to_place"),
            models.Index(fields=["at"], condition=models.Q(linked=False), name="tombstone_to_link"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class TombstoneKey(models.Model):
    """A hashed key of a deleted call: a copy seen from elsewhere must not bring it back."""

    tombstone = models.ForeignKey(Tombstone, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=16)
    digest = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index(fields=["kind", "digest"], name="tombstone_by_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest}"
