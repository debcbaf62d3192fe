"""Each start of Pacemaker: asked here by its unit, and the override that root left for one start.

The override is a file that only root writes, so that it works while nothing of Apresa does. The unit's script takes it
away and says so beside it; this room tells that in the audit trail and in the history.
"""

import os
import time
from pathlib import Path

from django.db.utils import Error as DatabaseError

from apresa.audit import domain as audit
from apresa.events import domain as events
from apresa.events.models import Event, Severity
from apresa.jobs.models import Job, State
from apresa.node.domain import identity
from apresa.node.models import Role
from apresa.shared import clock
from cluster.act import ActFailed, run_one
from cluster.catalogue.acts import FAILURES
from cluster.catalogue.mark import gettext_noop as _
from cluster.decide import decide
from cluster.domain import observing
from cluster.findings import Finding, fill, finding
from cluster.guard import STARTING_ACTS, STARTING_JOBS, Standing, may_start
from cluster.queries.history import ACT
from cluster.recovery.orders import rejoin
from cluster.recovery.rejoin import proven
from cluster.rejoin_types import Proof
from cluster.runner import Runner
from cluster.status import view_of
from cluster.types import Alone, ClusterView, ControlData

FOLDER = Path("/run/apresa-guard")
OVERRIDE, USED = "override", "used"
PATIENCE, PAUSE = 20.0, 1.0  # seconds; the unit's script waits for 45
TAKING_OVER = frozenset({"nothing-to-join", "was-primary"})
LONGEST = 300  # characters of a reason
LONGEST_LOG = 64 * 1024
OVERRIDDEN = events.register(
    "cluster-start-overridden",
    Severity.CRITICAL,
    _("Pacemaker was started against the check: {reason}"),
    fill,
)


class BadOverride(ValueError):
    """The override cannot be left; the text is one sentence."""


def check(runner: Runner) -> tuple[Finding, ...]:
    """What speaks against starting Pacemaker here now."""
    found = standing()
    if found.own_job or found.in_cluster is False:
        return ()  # the answer is known without asking the machine, and comes at once
    view, against = _waited(runner, found)
    proof = proven(view) if isinstance(view, ClusterView) else None
    return against if against or proof is None else _let_follow(proof, runner)


def _waited(runner: Runner, found: Standing) -> tuple[ClusterView | Alone, tuple[Finding, ...]]:
    """Where Pacemaker is restarted on the active node, the other one is just becoming active: it is waited for."""
    end = clock.monotonic() + PATIENCE
    while True:
        view = _look(runner)
        against = may_start(view, decide(view), found)
        if not _may_pass(view, against) or clock.monotonic() > end:
            return view, against
        time.sleep(PAUSE)


def _may_pass(view: ClusterView | Alone, against: tuple[Finding, ...]) -> bool:
    """Whether only the other node's promotion is missing to a database that was shut down in order."""
    control = view.own.control if isinstance(view, ClusterView) else None
    if not isinstance(view, ClusterView) or not isinstance(control, ControlData) or control.state != "shut down":
        return False
    asked = {one.code for one in view.own.rejoin.against} if view.own.rejoin else set()
    return "other-passive" in asked and {one.code for one in against} <= TAKING_OVER


def _let_follow(proof: Proof, runner: Runner) -> tuple[Finding, ...]:
    """The mark must be gone before the agent starts its database."""
    try:
        run_one(rejoin(proof), runner, lambda: None)
    except ActFailed as error:
        return (finding("not-let-follow", detail=fill(FAILURES[error.reason.code], error.reason.parameters)),)
    return ()


def _look(runner: Runner) -> ClusterView | Alone:
    try:
        return observing.look(runner)
    except DatabaseError:  # what is seen counts, also where it cannot be kept
        return view_of(observing.ask(runner), None, in_cluster=observing.in_cluster())


def standing() -> Standing:
    try:
        role, own = identity().role, _own_job()
    except DatabaseError:
        return Standing(None, None)
    return Standing(role != Role.STANDALONE, own)


def _own_job() -> bool:
    running = Job.objects.using("node").filter(state=State.RUNNING, lease_until__gt=clock.now())
    if running.filter(kind__in=STARTING_JOBS).exists():
        return True
    return any(job.parameters.get("name") in STARTING_ACTS for job in running.filter(kind=ACT))


def override(reason: str, *, by: str) -> None:
    """Let the next start pass. Raises BadOverride."""
    words = " ".join(reason.split())
    if not words or len(words) > LONGEST or not words.isprintable():
        raise BadOverride(f"Give the reason in at most {LONGEST} letters.")
    try:
        FOLDER.mkdir(mode=0o755, exist_ok=True)
        temporary = FOLDER / f".{OVERRIDE}"
        temporary.write_text(f"{words} ({by})\n", encoding="utf-8")
        temporary.rename(FOLDER / OVERRIDE)
    except OSError as error:
        raise BadOverride(f"{FOLDER / OVERRIDE} cannot be written ({error.strerror}); only root may.") from None
    audit.record(by, "cluster-start-override", reason=words)


def tell_used() -> int:
    """Tell once of every override that was used; how many are new."""
    told = 0
    for stamp, reason in _used():
        if Event.objects.filter(code=OVERRIDDEN.code, subject=stamp).exists():
            continue
        events.report(OVERRIDDEN, subject=stamp, reason=reason)
        audit.record("root", "cluster-start-overridden", reason=reason, at=stamp)
        told += 1
    return told


def _used() -> list[tuple[str, str]]:
    """The script's lines: seconds since 1970, then the reason. The last ones of a file that is too long."""
    try:
        with (FOLDER / USED).open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - LONGEST_LOG))
            lines = file.read(LONGEST_LOG).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    pairs = [line.partition(" ") for line in lines]
    return [(when, reason[:LONGEST].strip()) for when, _space, reason in pairs if when.isdecimal() and len(when) < 12]


def name_of_root() -> str:
    """Who became root, where sudo tells it."""
    return f"root ({name})" if (name := os.environ.get("SUDO_USER", "")[:60]) else "root"
