"""What happened in the cluster, and what people did with it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext

from apresa.events import domain as events
from apresa.events.models import Event
from apresa.jobs.models import Job, State
from apresa.shared import clock
from cluster.domain.history import PREFIX, cause

ACT = "cluster-act"  # the kind of job that changes the cluster
RECOVERY = "cluster-recovery"
KINDS = (ACT, RECOVERY)
TOLD_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """An event with its sentence and cause in the reader's language."""

    event: Event
    sentence: str
    cause: str


def lines(most: int = 20) -> list[Line]:
    """The newest first."""
    found = Event.objects.filter(code__startswith=PREFIX).order_by("-id")[:most]
    return [Line(event, events.text(event), cause(event, gettext)) for event in found]


def acts(most: int = 5) -> list[Job]:
    """What was done from this machine, the newest first."""
    return list(Job.objects.using("node").filter(kind__in=KINDS).order_by("-created_at")[:most])


def last_of(names: Collection[str]) -> Job | None:
    """The newest of these acts, where somebody may still want to know how it ended."""
    found = Job.objects.using("node").filter(kind=ACT, parameters__name__in=list(names))
    return found.filter(created_at__gt=clock.now() - TOLD_FOR).order_by("-created_at").first()


def under_way() -> Job | None:
    """An act or recovery that waits or runs; there is at most one."""
    waiting = Job.objects.using("node").filter(kind__in=KINDS, state__in=[State.QUEUED, State.RUNNING])
    return waiting.order_by("created_at").first()


def recovery_under_way() -> Job | None:
    job = under_way()
    return job if job and job.kind == RECOVERY else None


def last_recovery() -> Job | None:
    """The one that ended last, where somebody may still want to know how."""
    ended = Job.objects.using("node").filter(kind=RECOVERY, finished_at__gt=clock.now() - TOLD_FOR)
    return ended.order_by("-created_at").first()
