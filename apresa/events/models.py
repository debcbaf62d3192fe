"""What happened on this machine, and the alarms that are open."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    INFO = "info", _("Information")
    WARNING = "warning", _("Warning")
    CRITICAL = "critical", _("Critical")


class Event(models.Model):
    """One event. An alarm is an event that stays open until its cause is gone."""

    at = models.DateTimeField(_("time"))
    code = models.CharField(_("code"), max_length=60)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    subject = models.CharField(_("about"), max_length=200, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict)
    sentence = models.TextField(_("sentence"))
    """The English sentence, as the log has it; `queries.text` gives it in the reader's language."""
    alarm = models.BooleanField(_("alarm"), default=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("-id",)
        indexes = [models.Index(fields=["at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "subject"], condition=models.Q(alarm=True, closed_at=None), name="one_open_alarm"
            )
        ]

    def __str__(self) -> str:
        return self.sentence
