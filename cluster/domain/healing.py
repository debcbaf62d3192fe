"""The node mends what it may by itself. Each attempt is an event, which is also what limits the next ones."""

from datetime import timedelta
from types import MappingProxyType

import structlog
from django.conf import settings

from apresa.audit import domain as audit
from apresa.config import domain as config
from apresa.events import domain as events
from apresa.events.models import Event, Severity
from apresa.jobs.models import Job, State
from apresa.shared import clock
from cluster import options
from cluster.catalogue.remedies import FAILED, TRIED
from cluster.commands import Command
from cluster.decide import decide
from cluster.findings import fill
from cluster.queries.recovery import ticket_open
from cluster.queries.state import state
from cluster.remedies import Allowed, Known, Remedy, remedies
from cluster.runner import CommandUnavailable, Runner
from cluster.types import ClusterView

BY = "by itself"
DAY = timedelta(hours=24)
KINDS = MappingProxyType(
    {name: events.register(f"cluster-tried-{name}", Severity.INFO, text, fill) for name, text in TRIED.items()}
)
NOT_DONE = events.register("cluster-tried-failed", Severity.WARNING, FAILED, fill)
log = structlog.get_logger(__name__)


def heal(runner: Runner) -> list[Remedy]:
    """Try what may be tried now, by the last look; an old one is none."""
    found = state()
    if not isinstance(found.view, ClusterView) or not found.fresh:
        return []
    wanted = remedies(found.view, decide(found.view), known(found.view.own.name), allowed())
    for one in wanted:
        _try(one, found.node, runner)
    return list(wanted)


def allowed() -> Allowed:
    return Allowed(
        reconnect=bool(config.get(options.RECONNECT.name)),
        cleanups=int(config.get(options.CLEANUPS.name)),
        recorder=bool(config.get(options.RECORDER.name)),
    )


def known(node: str) -> Known:
    now = clock.now()
    tried: dict[tuple[str, str], list[float]] = {}
    for name, kind in KINDS.items():
        for event in Event.objects.filter(code=kind.code, at__gte=now - DAY):
            tried.setdefault((name, event.subject), []).append((now - event.at).total_seconds())
    open_ones = Event.objects.filter(code="cluster-failed-action", alarm=True, closed_at=None)
    lasting = {
        str(one.parameters.get("operation")): (now - one.at).total_seconds()
        for one in open_ones
        if one.parameters.get("node") == node
    }
    busy = Job.objects.using("node").filter(kind__startswith="cluster-", state__in=[State.QUEUED, State.RUNNING])
    under_way = busy.exists() or ticket_open() is not False
    return Known({about: tuple(seconds) for about, seconds in tried.items()}, lasting, _silent(), busy=under_way)


def _silent() -> float | None:
    """How long the recording component has said nothing; None where none is to run under systemd."""
    records = config.get("capture.interfaces") or config.get("capture.hep_listen")
    if settings.APRESA.mode == "embedded" or not records:
        return None
    try:
        last = (settings.APRESA.spool / "live" / "status.json").stat().st_mtime
    except OSError:
        return None  # it never ran here; systemd starts what does not start
    return max(0.0, clock.now().timestamp() - last)


def _try(one: Remedy, node: str, runner: Runner) -> None:
    """The attempt is told before it begins, so that one that kills its worker counts, too (law 8)."""
    event = events.report(KINDS[one.name], subject=one.subject, what=one.subject, node=node)
    audit.record(BY, f"cluster-tried-{one.name}", one.subject, command=" ".join(one.command.argv))
    failed = _run(one.command, runner) or (_run(one.then, runner) if one.then else "")
    if failed:
        log.warning("remedy failed", name=one.name, subject=one.subject, said=failed)
        events.report(NOT_DONE, subject=one.subject, sentence=event.sentence, detail=failed)


def _run(command: Command, runner: Runner) -> str:
    """What went wrong; "" where nothing did."""
    try:
        result = runner.run(command)
    except CommandUnavailable as error:
        return str(error)
    return result.said.strip()[:200] or f"exit code {result.code}" if result.code else ""
