"""Certificates: this version's files were on both disks (PROTOCOL C1 to C3)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recordings.models.call import Call


class Certificate(models.Model):
    """Written by the active node alone; of one version, so a merge has none until it is certified itself (C3)."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="certificates")
    number = models.PositiveIntegerField(_("version"))
    digest = models.CharField("SHA-256", max_length=64)
    """Of the version's packets file, which every version has."""
    activation = models.UUIDField(_("activation"), null=True, blank=True)
    at = models.DateTimeField(_("time"))
    lsn = models.BigIntegerField("LSN", null=True, blank=True)
    """A position in PostgreSQL's log that its commit does not exceed; None until it is known."""

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [models.UniqueConstraint(fields=["call", "number"], name="one_certificate_per_version")]
        indexes = [models.Index(fields=["id"], condition=models.Q(lsn=None), name="certificate_to_place")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.number}"
