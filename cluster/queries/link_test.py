"""The tests of the link: the one under way, and the last one."""

from apresa.jobs.models import Job, State

KIND = "cluster-link-test"


def under_way() -> bool:
    return Job.objects.using("node").filter(kind=KIND, state__in=[State.QUEUED, State.RUNNING]).exists()


def last_test() -> Job | None:
    return Job.objects.using("node").filter(kind=KIND).order_by("-created_at").first()
