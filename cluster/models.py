"""What this machine saw of the cluster last."""

from django.db import models


class Observation(models.Model):
    """The one row with the raw replies of the last look (node); the view is read from them again each time."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    at = models.DateTimeField()
    report = models.TextField()
    """`cluster.replies.Replies` as JSON."""
    active = models.CharField(max_length=63, blank=True)
    """The node that was active last; a takeover passes through moments in which nobody is."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_observation")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"


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
