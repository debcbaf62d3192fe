"""One call is one row: found by its keys, named by its id."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from apresa.accounts.models import User, VisibleQuerySet

NUMBER_LENGTH = 150
URI_LENGTH = 500


class State(models.TextChoices):
    STORED = "stored", _("Stored")
    FAILED = "failed", _("Not yet stored")
    AWAITING = "awaiting", _("Waiting for its audio")


def of_own_numbers(rows: Any, user: User) -> Any:
    """Administrators and supervisors see all calls; a listener those of the numbers that are theirs."""
    if not user.is_active or not user.is_authenticated:
        return rows.none()
    if user.has_perm("recordings.view_all_calls"):
        return rows.all()
    if not user.has_perm("recordings.view_call"):
        return rows.none()
    own = UserNumber.objects.filter(user_id=user.pk).values("number")
    return rows.filter(Q(caller__in=own) | Q(callee__in=own))


class CallQuerySet(VisibleQuerySet):
    def visible_to(self, user: User) -> "CallQuerySet":
        """A call whose deletion is contested is for those alone who decide (PROTOCOL U2)."""
        found: CallQuerySet = of_own_numbers(self, user)
        if user.has_perm("recordings.release_hold"):
            return found
        open_ones = Contest.objects.filter(call=OuterRef("pk"), decided_at=None)
        return found.exclude(Exists(open_ones))


class Call(models.Model):
    """A recorded call. Times are UTC; `version` is the number of its current version, 0 before the first."""

    id = models.UUIDField(primary_key=True, editable=False)
    protocol = models.CharField(_("protocol"), max_length=8)
    caller = models.CharField(_("from"), max_length=NUMBER_LENGTH, blank=True)
    callee = models.CharField(_("to"), max_length=NUMBER_LENGTH, blank=True)
    caller_name = models.CharField(_("caller's name"), max_length=NUMBER_LENGTH, blank=True)
    callee_name = models.CharField(_("callee's name"), max_length=NUMBER_LENGTH, blank=True)
    caller_uri = models.CharField(_("caller's address"), max_length=URI_LENGTH, blank=True)
    callee_uri = models.CharField(_("callee's address"), max_length=URI_LENGTH, blank=True)
    call_ids = models.JSONField(_("Call-IDs"), default=list)
    started = models.DateTimeField(_("started"))
    answered = models.DateTimeField(_("answered"), null=True, blank=True)
    ended = models.DateTimeField(_("ended"))
    duration_ms = models.PositiveBigIntegerField(_("length in milliseconds"), default=0)
    end_reason = models.CharField(_("end"), max_length=20)
    ended_by = models.CharField(_("ended by"), max_length=8, blank=True)
    status = models.PositiveSmallIntegerField(_("final status code"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.STORED)
    problem = models.TextField(_("problem"), blank=True)
    has_audio = models.BooleanField(_("has audio"), default=False)
    why_no_audio = models.TextField(_("why there is no audio"), blank=True)
    codecs = models.CharField(_("codecs"), max_length=200, blank=True)
    mos = models.FloatField(_("quality (MOS)"), null=True, blank=True)
    digits = models.JSONField(_("dialled digits"), default=list)
    gaps = models.JSONField(_("gaps"), default=list)
    notes = models.JSONField(_("remarks"), default=list)
    node = models.CharField(_("node"), max_length=64, blank=True)
    policy = models.PositiveBigIntegerField(_("policy"), default=0)
    version = models.PositiveIntegerField(_("version"), default=0)
    activation = models.UUIDField(_("activation"), null=True, blank=True)
    created = models.DateTimeField(_("stored"), auto_now_add=True)

    objects: ClassVar[Any] = CallQuerySet.as_manager()
    on_hold: bool | None = None
    """What a query found for those who may see holds."""

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ("-started", "-id")
        default_permissions = ("view", "delete")
        permissions = [
            ("view_all_calls", _("Can see the calls of all numbers")),
            ("listen_call", _("Can listen to calls")),
            ("download_call", _("Can download calls")),
            ("view_signalling", _("Can see the signalling of calls")),
            ("note_call", _("Can write notes on calls and tag them")),
            ("silence_call", _("Can silence calls that are going on")),
            ("hold_call", _("Can put calls on hold")),
            ("release_hold", _("Can release holds")),
            ("verify_call", _("Can verify recordings")),
            ("export_evidence", _("Can export evidence packages")),
        ]
        indexes = [
            models.Index(fields=["-started", "-id"], name="call_newest_first"),
            models.Index(fields=["caller", "-started"], name="call_by_caller"),
            models.Index(fields=["callee", "-started"], name="call_by_callee"),
        ]

    def __str__(self) -> str:
        return f"{self.caller or '?'} → {self.callee or '?'} {self.started:%Y-%m-%d %H:%M:%S}"


class CallKey(models.Model):
    """A fact of packets by which a call is found again; `turn` tells calls apart that use the same one in turn."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=16)
    digest = models.CharField(max_length=40)
    turn = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "digest", "turn"], name="one_call_per_key_and_turn"),
            models.UniqueConstraint(fields=["call", "kind", "digest"], name="one_key_per_call"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest}"


class CallAlias(models.Model):
    """Another id of a stored call: what one view of it was called before it was known to be the same."""

    id = models.UUIDField(primary_key=True, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="aliases")

    def __str__(self) -> str:
        return f"{self.pk} → {self.call_id}"


class UserNumber(models.Model):
    """A number whose calls a listener may see."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="numbers", verbose_name=_("user")
    )
    number = models.CharField(_("number"), max_length=NUMBER_LENGTH)

    class Meta:
        verbose_name = _("own number")
        verbose_name_plural = _("own numbers")
        constraints = [models.UniqueConstraint(fields=["user", "number"], name="one_number_per_user")]

    def __str__(self) -> str:
        return self.number


class Contest(models.Model):
    """A deletion on one node of a call that was on hold on the other: kept, hidden, until somebody decides (U2)."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="contests")
    grave = models.UUIDField()
    """The tombstone's id: the same one is decided once."""
    why = models.CharField(max_length=10)
    who = models.CharField(max_length=NUMBER_LENGTH, blank=True)
    at = models.DateTimeField()
    origin = models.CharField(max_length=NUMBER_LENGTH, blank=True)
    """The name of the node that deleted it; empty for the one that was kept."""
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=NUMBER_LENGTH, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["call", "grave"], name="one_contest_per_grave")]
        indexes = [models.Index(fields=["call"], condition=models.Q(decided_at=None), name="contest_open")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.grave}"
