"""What this machine saw of the cluster last, and the recovery that is open on it."""

import uuid

from django.db import models


class Observation(models.Model):
    """The one row with the raw replies of the last look (node); the view is read from them again each time."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    at = models.DateTimeField()
    report = models.TextField()
    """`cluster.replies.Replies` as JSON."""
    active = models.CharField(max_length=63, blank=True)
    """The node that was active last; a takeover passes through moments in which nobody is."""
    told = models.TextField(blank=True, default="")
    """`cluster.told.Told` as JSON: what the other node said in the same look."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_observation")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"


class HeardMinute(models.Model):
    """How many calls this machine heard end in one minute (node); only minutes in which it could hear have a row."""

    minute = models.BigIntegerField(primary_key=True)
    """Minutes since 1970."""
    calls = models.PositiveIntegerField(default=0)
    counter = models.BigIntegerField()
    """The recording component's own count at the last look of that minute."""

    def __str__(self) -> str:
        return f"{self.minute}: {self.calls}"


class Ticket(models.Model):
    """A recovery from its first step to its last (node): the survivor is chosen once, the loser may not be promoted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.CharField(max_length=30)
    survivor = models.CharField(max_length=63)
    loser = models.CharField(max_length=63)
    by = models.CharField(max_length=150, blank=True)
    step = models.CharField(max_length=30, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    destroyed = models.BooleanField(default=False)
    """Whether anything of the loser's was replaced: before that, the ticket may be turned round."""

    class Meta:
        ordering = ("-opened_at",)
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=models.Q(closed_at=None), name="one_open_ticket")
        ]

    def __str__(self) -> str:
        return f"{self.loser} from {self.survivor}"

    @property
    def key(self) -> str:
        """What the old data directory is named by."""
        return self.id.hex[:8]


class HealthSample(models.Model):
    """How the cluster did at one minute, as this machine saw it (node); kept for a month."""

    at = models.DateTimeField(db_index=True)
    behind = models.BigIntegerField(null=True)
    percent = models.FloatField(null=True)
    active = models.CharField(max_length=63, blank=True)
    ready = models.BooleanField()
    load = models.FloatField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.active}"
