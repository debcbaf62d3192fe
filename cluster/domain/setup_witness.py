"""The last step of a set-up: the witness of the answers gets its vote.

The cluster stands already, so a witness that does not answer ends nothing: it is told, and can be added on its page."""

import time
from typing import TYPE_CHECKING

from apresa.audit import domain as audit
from cluster.act import ActFailed, Doors, carry_out
from cluster.catalogue.acts import FAILURES, REASONS
from cluster.decide import decide
from cluster.domain.observing import look
from cluster.findings import Finding, fill, finding
from cluster.link.orders import OtherNode
from cluster.plans import plan
from cluster.preflight import Act, reasons

if TYPE_CHECKING:
    from cluster.domain.setup_doing import Run

PATIENCE = 120.0  # seconds: a node that has just come does not tell everything yet
EVERY = 2.0


def add(run: "Run", _width: int) -> None:
    """Raises LeaseLost, and nothing else."""
    act = Act("witness-add", host=run.one.plan.witness)
    try:
        if not _ready(act, run):
            return
        doors = Doors(run, lambda: look(run.runner), lambda _percent, _name: run.tell(), OtherNode())
        carry_out(plan(act, here=run.one.own.name, other=""), doors)
    except ActFailed as error:
        sentence = fill(FAILURES[error.reason.code], error.reason.parameters)
        audit.record(run.job.owner, "cluster-setup-witness-failed", act.host, reason=sentence)
        run.keep(f"witness-add {act.host}", -1, sentence)
        run.done[run.code]["end"] = "failed"
        return
    audit.record(run.job.owner, "cluster-setup-witness", act.host)


def _ready(act: Act, run: "Run") -> bool:
    """False where it votes already. Raises ActFailed with what still speaks against it after some patience."""
    end = time.monotonic() + PATIENCE
    while found := _against(act, run):
        if {one.code for one in found} == {"witness-already"}:
            return False
        if time.monotonic() > end:
            said = " ".join(fill(REASONS[one.code], one.parameters) for one in found)
            raise ActFailed(finding("refused", reasons=said))
        run.tell()
        time.sleep(EVERY)
    return True


def _against(act: Act, run: "Run") -> tuple[Finding, ...]:
    seen = look(run.runner)
    return reasons(act, seen, decide(seen))
