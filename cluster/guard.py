"""May Pacemaker be started here now, whoever asks? Pure. Every start of its unit is asked this, that of a shell, too.

The check is Join's. It is left out where Apresa itself starts Pacemaker, having checked (join, start, set-up,
recovery), and where there is nothing to protect: no cluster is set up, or this machine was never told of one.
"""

from dataclasses import dataclass

from cluster.decide import Judgement
from cluster.findings import Finding
from cluster.preflight import Act, reasons
from cluster.types import Alone, ClusterView

# Kinds of jobs that start Pacemaker in their course, and the acts that do.
STARTING_JOBS = ("cluster-setup", "cluster-recovery")
STARTING_ACTS = ("join", "start")


@dataclass(frozen=True, slots=True)
class Standing:
    """What this machine knows of itself. None: its own database does not tell, and that never counts as good."""

    in_cluster: bool | None
    own_job: bool | None
    """Whether a job of Apresa's that starts Pacemaker runs here now."""


def may_start(view: ClusterView | Alone, judgement: Judgement, standing: Standing) -> tuple[Finding, ...]:
    """What speaks against a start; empty where it may be."""
    if standing.own_job or standing.in_cluster is False:
        return ()
    if isinstance(view, Alone) and not view.lost_its_cluster:
        return ()
    return reasons(Act("join"), view, judgement)
