"""Which machine this is."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    STANDALONE = "standalone", _("Standalone")
    PRIMARY = "primary", _("Primary")
    SECONDARY = "secondary", _("Secondary")


class NodeIdentity(models.Model):
    """The one row that names this machine (node)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=63)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.STANDALONE)
    address = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    mask = models.PositiveSmallIntegerField(_("IP mask"), null=True, blank=True)
    """Bits of the address that name its network."""
    initial_role = models.CharField(_("initial role"), max_length=10, choices=Role, default=Role.STANDALONE)
    primary_address = models.CharField(_("address of the primary"), max_length=250, blank=True)
    activation = models.UUIDField(_("activation"), null=True, blank=True)
    """Changes each time this machine becomes the active one; None while it never was in a cluster."""
    library = models.UUIDField(_("library"), null=True, blank=True)
    """The marker of the library that this machine made or joined; another one, or none, is not written to."""

    class Meta:
        verbose_name = _("node")
        verbose_name_plural = _("nodes")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_identity")]

    def __str__(self) -> str:
        return self.name
