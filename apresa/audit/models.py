"""Who did what: appended here first and in order, then shipped to the cluster's database."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One act. The same row in both databases, named by node, boot and number."""

    node = models.UUIDField(_("node"))
    boot = models.CharField(_("boot"), max_length=36)
    number = models.PositiveBigIntegerField(_("number"))
    at = models.DateTimeField(_("time"))
    actor = models.CharField(_("who"), max_length=150)
    address = models.CharField(_("from"), max_length=45, blank=True)
    action = models.CharField(_("did"), max_length=60)
    object = models.CharField(_("to"), max_length=250, blank=True)
    detail = models.JSONField(_("detail"), default=dict)
    linked = models.BooleanField(default=False, db_default=False, editable=False)
    """Whether it stands in a chain of evidence; of the cluster's copy."""
    shipped = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ("-at", "-number")
        constraints = [models.UniqueConstraint(fields=["node", "boot", "number"], name="one_audit_entry")]
        indexes = [
            models.Index(fields=["at"]),
            models.Index(fields=["object"]),
            models.Index(fields=["id"], condition=models.Q(linked=False), name="audit_entry_to_link"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.object}"
