"""Which machine this is."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from apresa.shared import clock


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
    activated_boot = models.CharField(_("activated in boot"), max_length=36, blank=True, default="")
    """The boot in which it became active; empty after it was deactivated. A power cut deactivates."""
    library = models.UUIDField(_("library"), null=True, blank=True)
    """The marker of the library that this machine made or joined; another one, or none, is not written to."""

    class Meta:
        verbose_name = _("node")
        verbose_name_plural = _("nodes")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_identity")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """Standalone, or activated by Pacemaker's agent in this very boot: the role of old proves nothing."""
        if self.role == Role.STANDALONE:
            return True
        return bool(self.activated_boot) and self.activated_boot == clock.boot_id() != clock.UNKNOWN_BOOT


class Activation(models.Model):
    """A node became the active one (PROTOCOL T1): the line of history. Each node keeps its own in `node`, too."""

    uuid = models.UUIDField(primary_key=True, editable=False)
    number = models.PositiveBigIntegerField(_("number"), unique=True)
    """Counts on from the newest that this line of history has."""
    node = models.UUIDField(_("node"))
    name = models.CharField(_("name"), max_length=63)
    parent = models.UUIDField(_("parent"), null=True, blank=True)
    library = models.UUIDField(_("library"))
    """The marker of the cluster's library: what a node checks that mounts it for the first time."""
    timeline = models.PositiveIntegerField(_("timeline"), null=True, blank=True)
    """PostgreSQL's own number for the line of history: a standby compares it with what it follows (R1)."""
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("activation")
        verbose_name_plural = _("activations")
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.name}"
