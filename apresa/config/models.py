"""Stored values of the settings registry."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Setting(models.Model):
    """One changed setting: the cluster's in `default`; this machine's own, and a copy of the cluster's, in `node`."""

    name = models.CharField(_("name"), max_length=100, primary_key=True)
    value = models.JSONField(_("value"))
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.CharField(_("changed by"), max_length=150)

    class Meta:
        verbose_name = _("setting")
        verbose_name_plural = _("settings")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
