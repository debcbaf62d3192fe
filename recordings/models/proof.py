"""The chains of what was stored, deleted and done (docs/evidence.md). A link outlives its call, and names nobody."""

from django.db import models
from django.utils.translation import gettext_lazy as _

DIGEST = 64


class NodeKey(models.Model):
    """The public half of a node's key. One that was in use stays: what it signed is checked for ever."""

    public = models.CharField(_("public key"), primary_key=True, max_length=DIGEST)
    node = models.UUIDField(_("node"))
    name = models.CharField(_("name"), max_length=63)
    since = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        default_permissions = ()
        ordering = ("since",)

    def __str__(self) -> str:
        return f"{self.name} {self.public}"


class Link(models.Model):
    """Two sides of a split brain are two chains, as each has a node and a boot of its own: neither is a change."""

    node = models.UUIDField(_("node"))
    boot = models.CharField(_("boot"), max_length=36)
    number = models.PositiveBigIntegerField(_("number"))
    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("kind"), max_length=8)
    previous = models.CharField(max_length=DIGEST)
    body = models.CharField(max_length=DIGEST, db_index=True)
    digest = models.CharField("SHA-256", max_length=DIGEST)
    said = models.TextField(blank=True)
    """The body; empty where another table has it."""
    salt = models.CharField(max_length=32, blank=True)
    """Erased with the call: then nobody can try names and numbers against the digest of its facts."""
    call = models.UUIDField(null=True, blank=True, db_index=True)
    version = models.PositiveIntegerField(null=True, blank=True)
    day = models.DateField(null=True, blank=True, db_index=True)
    """Under whose root it stands; None until a day is closed."""

    class Meta:
        default_permissions = ()
        ordering = ("node", "boot", "number")
        constraints = [models.UniqueConstraint(fields=["node", "boot", "number"], name="one_link_per_number")]

    def __str__(self) -> str:
        return f"{self.node} {self.boot} {self.number}"


class Signed(models.Model):
    """A statement, and who signed it: [{"key", "signature"}]."""

    text = models.TextField()
    signatures = models.JSONField(default=list)

    class Meta:
        abstract = True


class Head(Signed):
    """The chain had come to this link."""

    node = models.UUIDField()
    boot = models.CharField(max_length=36)
    number = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["node", "boot", "number"], name="one_head_per_number")]

    def __str__(self) -> str:
        return f"{self.node} {self.boot} {self.number}"


class DayRoot(Signed):
    """The root of the tree over the links of a day (UTC), of all chains that this database has."""

    day = models.DateField(primary_key=True)
    root = models.CharField(max_length=DIGEST)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.day} {self.root}"
