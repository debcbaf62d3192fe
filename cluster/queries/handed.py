"""What a recovery found in the old database, in words; and the recovery that is open, for the other node to show."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.utils import Error as DatabaseError

from apresa.jobs.models import Job, State
from cluster.catalogue.recovery import HANDED, HANDED_COUNTS, HANDED_TOLD
from cluster.domain import tickets
from cluster.findings import fill
from cluster.queries.history import RECOVERY

Translate = Callable[[str], str]


def handed(job: Job, translate: Translate = str) -> tuple[str, ...]:
    """What the job of a recovery says of it; none for other jobs."""
    found = job.result.get("handed") if isinstance(job.result, dict) else None
    if not isinstance(found, dict) or not found:
        return ()
    names = {"kept": found["kept"], "reason": found["trouble"]}
    if found["trouble"]:
        return (fill(HANDED["unreadable"], names, translate),)
    counts: Mapping[str, int] = found["counts"]
    if not counts:
        return (fill(HANDED["nothing"], names, translate),)
    merged = [fill(HANDED_COUNTS[name], {"count": count}, translate) for name, count in counts.items()
              if name in HANDED_COUNTS]  # fmt: skip
    ended = (fill(HANDED["given" if found["given"] else "waits"], names, translate),) if merged else ()
    told = tuple(_told(one, translate) for one in found["told"])
    more = sum(counts.get(name, 0) for name in HANDED_TOLD) - len(told)
    rest = (fill(HANDED["more"], {**names, "count": more}, translate),) if more > 0 else ()
    return (*merged, *ended, *told, *rest)


def _told(record: Mapping[str, Any], translate: Translate) -> str:
    """A difference that an administrator decides."""
    values = record["values"]
    given = {name: ", ".join(map(str, value)) if isinstance(value, list) else value for name, value in values.items()}
    template = HANDED_TOLD.get(record["kind"], "{key}")
    if record["kind"] == "user" and "fields" in values:
        template = HANDED_TOLD["user-differs"]
    return fill(template, {**given, "key": record["key"]}, translate)


def under_repair() -> dict[str, Any] | None:
    """The recovery that is open here, as this node's report tells it."""
    try:
        ticket = tickets.current()
        if ticket is None:
            return None
        job = Job.objects.using("node").filter(kind=RECOVERY).order_by("-created_at").first()
    except DatabaseError:
        return None
    going = job is not None and job.state in {State.QUEUED, State.RUNNING}
    return {
        "survivor": ticket.survivor,
        "loser": ticket.loser,
        "step": job.progress_text if job and going else ticket.step,
        "progress": job.progress if job and going else 0,
        "going": going,
    }
