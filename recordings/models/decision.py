"""Why each dialog that was seen is, or is not, a recording: a row that outlives the call (PROTOCOL, "ledger row")."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from apresa.accounts.models import User, VisibleQuerySet
from recordings.models.call import NUMBER_LENGTH, of_own_numbers
from recordings.models.tombstone import Why


class Kept(models.TextChoices):
    RECORDED = "recorded", _("Recorded")
    NOT_RECORDED = "not-recorded", _("Not recorded")
    PENDING = "pending", _("Not yet stored")
    JOINED = "joined", _("Part of another call")


class DecisionQuerySet(VisibleQuerySet):
    def visible_to(self, user: User) -> "DecisionQuerySet":
        """As for calls: who may see all calls sees all; a listener those of the own numbers, while they are known."""
        found: DecisionQuerySet = of_own_numbers(self, user)
        return found


class Decision(models.Model):
    """One dialog; `node` and `number` name it for ever, `id` is that of its call or tombstone."""

    id = models.UUIDField(primary_key=True, editable=False)
    node = models.CharField(_("node"), max_length=64)
    """The machine that settled it, and counts."""
    number = models.PositiveBigIntegerField(_("number"))
    protocol = models.CharField(_("protocol"), max_length=8, blank=True)
    caller = models.CharField(_("from"), max_length=NUMBER_LENGTH, blank=True)
    callee = models.CharField(_("to"), max_length=NUMBER_LENGTH, blank=True)
    started = models.DateTimeField(_("started"))
    ended = models.DateTimeField(_("ended"))
    answered = models.BooleanField(_("answered"), default=False)
    kept = models.CharField(_("decision"), max_length=12, choices=Kept)
    reason = models.CharField(_("reason"), max_length=20)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    """The rule's name, or the technical term."""
    remarks = models.CharField(_("remarks"), max_length=200, blank=True)
    """Codes of what is more to be said, separated by spaces."""
    policy = models.PositiveBigIntegerField(_("policy"), default=0)
    messages = models.PositiveIntegerField(_("SIP messages"), default=0)
    streams = models.PositiveIntegerField(_("streams"), default=0)
    packets = models.PositiveBigIntegerField(_("packets"), default=0)
    heard_by = models.CharField(_("heard by"), max_length=150, blank=True)
    """The nodes whose view of it was settled, separated by spaces."""
    joined = models.UUIDField(_("part of"), null=True, blank=True)
    at = models.DateTimeField(_("decided"))
    erased_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    erased_why = models.CharField(_("why deleted"), max_length=10, choices=Why, blank=True)

    objects: ClassVar[Any] = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("-started", "-id")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["node", "number"], name="one_decision_per_number")]
        indexes = [
            models.Index(fields=["-started", "-id"], name="decision_newest_first"),
            models.Index(fields=["caller", "-started"], name="decision_by_caller"),
            models.Index(fields=["callee", "-started"], name="decision_by_callee"),
            models.Index(fields=["joined"], condition=models.Q(joined__isnull=False), name="decision_joined"),
        ]

    def __str__(self) -> str:
        return f"{self.node} {self.number}"


class DecisionCount(models.Model):
    """The last number that a node gave: what is missing below it was taken away by hand."""

    node = models.CharField(primary_key=True, max_length=64)
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.node} {self.last}"
