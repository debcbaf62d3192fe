"""The restarts of this machine's recording component."""

from apresa.jobs.models import Job, State

KIND = "recorder-restart"


def last() -> Job | None:
    return Job.objects.using("node").filter(kind=KIND).order_by("-created_at").first()


def under_way() -> Job | None:
    """The one that waits or runs."""
    waiting = Job.objects.using("node").filter(kind=KIND, state__in=[State.QUEUED, State.RUNNING])
    return waiting.order_by("created_at").first()
