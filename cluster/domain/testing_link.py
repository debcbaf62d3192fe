"""A test of the link between the nodes, as a job of this node: at most ten seconds, at a set rate."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from apresa.audit import domain as audit
from apresa.celery import ring
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job
from apresa.nodelink import Caller, LinkError, other_node
from apresa.shared import clock
from cluster.catalogue.mark import gettext_noop as _
from cluster.linktest import DEFAULT_RATE, LEAST_RATE, MOST_RATE, SECONDS, Sent, next_piece, pause, speed
from cluster.queries.link_test import KIND, under_way

TASK = "worker.tasks.cluster.test_link"
EMPTY, SINK = "/link/v1/empty", "/link/v1/sink"
BUSY = _("A test of the link is under way already. Wait until it has ended.")
BAD_RATE = _("The rate is a whole number of Mbit/s from 10 to 1000.")


class Refused(RuntimeError):
    """There is no test now; the text is one sentence."""


def ask_test(*, by: str, address: str = "", rate: int = DEFAULT_RATE) -> Job:
    """Queue a test and ring the worker. Raises Refused."""
    try:
        if not LEAST_RATE <= rate <= MOST_RATE:
            raise Refused(BAD_RATE)
        if under_way():
            raise Refused(BUSY)
        other_node()
    except (LinkError, Refused) as error:
        audit.record(by, "link-test-refused", address=address, reason=str(error))
        raise Refused(str(error)) from None
    job = jobs.create(KIND, scope="node", owner=by, most_attempts=1, rate=rate)
    audit.record(by, "link-test", address=address, job=str(job.pk), rate=rate)
    ring(TASK, queue="node")
    return job


def do_next_test(sleep: Callable[[float], None] | None = None) -> Job | None:
    """Do the test that waits, if one does. What fails is kept with the job."""
    job = jobs.claim([KIND], scope="node")
    if job is None:
        return None
    try:
        result = measure(other_node(), job, int(job.parameters["rate"]), sleep or time.sleep)
    except LinkError as error:
        audit.record(job.owner, "link-test-failed", job=str(job.pk), reason=str(error))
        jobs.fail(job, str(error), retry=False)
    except jobs.LeaseLost:
        audit.record(job.owner, "link-test-stopped", job=str(job.pk))
    else:
        audit.record(job.owner, "link-test-done", job=str(job.pk), **result)
        jobs.finish(job, result)
    return job


def measure(other: Caller, job: Job, rate: int, sleep: Callable[[float], None]) -> dict[str, Any]:
    """Raises LinkError and LeaseLost."""
    began = clock.monotonic()
    waits = [_timed(partial(other.get, EMPTY)) for _try in range(3)]
    sent: list[Sent] = []
    with tempfile.TemporaryDirectory(dir=settings.APRESA.data, prefix=".link-test-") as folder:
        while (elapsed := clock.monotonic() - began) < SECONDS or not sent:
            jobs.heartbeat(job, min(99, int(100 * elapsed / SECONDS)), "sending")
            piece = _piece(Path(folder), next_piece(sent))
            sent.append(Sent(piece.stat().st_size, _timed(partial(other.upload, SINK, piece))))
            left = SECONDS - (clock.monotonic() - began)
            sleep(max(0.0, min(left, pause(sent, clock.monotonic() - began, rate))))
    return asdict(speed(sent, waits))


def _piece(folder: Path, size: int) -> Path:
    """A file of zeros that takes no room; TLS makes noise of them on the way."""
    file = folder / str(size)
    if not file.exists():
        with file.open("wb") as empty:
            empty.truncate(size)
    return file


def _timed(question: Callable[[], object]) -> float:
    began = clock.monotonic()
    question()
    return clock.monotonic() - began
