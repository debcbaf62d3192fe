"""The set-up of this machine as a node of a cluster: asked for here, done by this machine's worker as a job."""

from dataclasses import asdict, replace

import structlog

from apresa.audit import domain as audit
from apresa.celery import ring
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job, State
from apresa.node.domain import identity
from apresa.node.models import Role
from cluster.act import ActFailed
from cluster.catalogue.acts import FAILURES as ACT_FAILURES
from cluster.catalogue.setup import FAULTS
from cluster.catalogue.setup_steps import FAILURES
from cluster.domain import setup_doing
from cluster.domain.setup_looking import seen, world
from cluster.findings import Finding, fill, finding
from cluster.helper import runner_here
from cluster.pairing.domain import store
from cluster.pairing.store import StoreError
from cluster.queries.setup import KIND, gives_up, is_untouched, last_set_up
from cluster.runner import Runner
from cluster.setup import undo
from cluster.setup.answers import Answers, Plan
from cluster.setup.answers import Role as NodeRole
from cluster.setup.validate import Fault, check
from cluster.setup.world import judge

log = structlog.get_logger(__name__)
TASK = "worker.tasks.cluster.set_up"
MOST_ATTEMPTS = 50  # a set-up that is killed goes on; only a person gives it up


class SetupRefused(RuntimeError):
    """It is not done; `faults` say why, each at its answer."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(" ".join(fill(FAULTS[one.finding.code], one.finding.parameters) for one in faults))
        self.faults = faults


def ask_primary(answers: Answers, *, by: str, address: str = "") -> Job:
    """Queue this machine's set-up as a new cluster's primary. Raises SetupRefused with every fault at once."""
    return _ask("primary", answers, by, address)


def ask_secondary(*, by: str, address: str = "") -> Job:
    """Queue its set-up as the secondary, by the answers that came with the pairing. Raises SetupRefused."""
    try:
        answers = store().answers() if store().peer() else None
    except (StoreError, OSError):
        answers = None
    if answers is None:
        raise _refused((Fault("", finding("not-paired")),), "secondary", by, address)
    return _ask("secondary", answers, by, address)


def faults(role: NodeRole, answers: Answers) -> tuple[Fault, ...]:
    """What speaks against this set-up now, of the answers and of this machine; nothing is asked for."""
    return _against(role, answers)[0]


def again(*, by: str, address: str = "") -> Job:
    """Let a set-up that failed go on. Raises SetupRefused."""
    job = last_set_up()
    if job is None or job.state not in {State.FAILED, State.CANCELLED}:
        code = "nothing-to-go-on" if job is None or job.state == State.DONE else "under-way"
        raise _refused((Fault("", finding(code)),), "", by, address)
    jobs.retry(job)
    audit.record(by, "cluster-setup-again", str(job.parameters.get("role", "")), address=address, job=str(job.pk))
    ring(TASK, queue="node")
    return job


def against_giving_up() -> Finding | None:
    """Why this machine's set-up cannot be given up now; nothing is asked for."""
    job = last_set_up()
    if job is None or (job.state == State.DONE and not gives_up(job)):
        return finding("served" if identity().role != Role.STANDALONE else "nothing-to-give-up")
    if job.state not in {State.FAILED, State.CANCELLED}:
        return finding("under-way")
    if is_untouched(job) or gives_up(job):
        return None
    try:
        return undo.refusal(seen(runner_here(), setup_doing.setting(job)[0]))
    except ActFailed as error:
        return error.reason


def give_up(*, by: str, address: str = "") -> Job:
    """Take a set-up back that failed: the machine works alone again, with its calls, users and settings. Raises
    SetupRefused."""
    if reason := against_giving_up():
        raise _refused((Fault("", reason),), "", by, address)
    job = last_set_up()
    assert job is not None  # noqa: S101 -- asked above
    audit.record(by, "cluster-setup-give-up", str(job.parameters.get("role", "")), address=address, job=str(job.pk))
    if is_untouched(job):
        _forget(job)
        return job
    _mark(job)
    job.owner = by
    job.save(update_fields=["owner"])
    jobs.retry(job)
    ring(TASK, queue="node")
    return job


def setup_next(runner: Runner) -> Job | None:
    """Do the set-up that waits, if one does, as far as this process can. What fails is kept with the job."""
    _wait_no_longer()
    job = jobs.claim([KIND], scope="node")
    if job is None:
        return None
    log.info("set-up begins", job=str(job.pk), role=job.parameters.get("role"), attempt=job.attempts)
    try:
        setup_doing.do(job, runner)
    except ActFailed as error:
        texts = {**ACT_FAILURES, **FAILURES}
        sentence = fill(texts[error.reason.code], error.reason.parameters)
        audit.record(job.owner, "cluster-setup-failed", str(job.parameters.get("role", "")), reason=error.reason.code)
        if gives_up(job) and undo.NO_WAY_BACK not in (job.result or {}):
            _goes_on_after_all(job)
        log.warning("set-up failed", job=str(job.pk), reason=error.reason.code, sentence=sentence)
        jobs.fail(job, sentence, retry=False)
    except jobs.LeaseLost:
        log.warning("set-up stopped", job=str(job.pk))
    return job


def _mark(job: Job) -> None:
    job.parameters = {**job.parameters, "gives_up": True}
    job.save(update_fields=["parameters"])


def _forget(job: Job) -> None:
    """One that changed nothing: given up, and at its end."""
    _mark(job)
    jobs.settle_by_hand(job)


def _goes_on_after_all(job: Job) -> None:
    """It could not be given up, and nothing was taken back: the set-up itself may be gone on with."""
    job.parameters = {name: value for name, value in job.parameters.items() if name != "gives_up"}
    job.save(update_fields=["parameters"])


def _wait_no_longer() -> None:
    """One that lost its worker is gone on with at once: half a cluster is no state to wait in."""
    Job.objects.using("node").filter(kind=KIND, state=State.QUEUED).update(not_before=None)


def _ask(role: NodeRole, answers: Answers, by: str, address: str) -> Job:
    faults, size = _against(role, answers)
    if faults:
        raise _refused(faults, role, by, address)
    if earlier := last_set_up():  # asked for anew with other answers
        _forget(earlier)
    kept = replace(answers, size=str(size)) if role == "primary" else answers
    store().keep_answers(kept)
    job = jobs.create(KIND, scope="node", owner=by, most_attempts=MOST_ATTEMPTS, role=role, answers=asdict(kept))
    audit.record(by, "cluster-setup", role, address=address, job=str(job.pk))
    ring(TASK, queue="node")
    return job


def _against(role: NodeRole, answers: Answers) -> tuple[tuple[Fault, ...], int]:
    """What speaks against it, of the answers or, when those are good, of the machine; and its partition's size."""
    if identity().role != Role.STANDALONE:
        return (Fault("", finding("in-cluster")),), 0
    earlier = last_set_up()
    if earlier is not None and not is_untouched(earlier):
        return (Fault("", finding("under-way")),), 0
    plan = check(answers)
    if not isinstance(plan, Plan):
        return plan, 0
    found = world(runner_here(), answers, plan, role)
    return judge(answers, plan, role, found), found.disk.size


def _refused(faults: tuple[Fault, ...], role: str, by: str, address: str) -> SetupRefused:
    codes = [f"{fault.where} {fault.finding.code}".strip() for fault in faults]
    audit.record(by, "cluster-setup-refused", role, address=address, faults=codes)
    return SetupRefused(faults)
