"""What must be known of this very moment, and of nothing else: an old observation does not count (PROTOCOL C2)."""

from apresa.config import domain as config
from apresa.shared import clock
from cluster import commands
from cluster.certify import Certification, certify
from cluster.domain.observing import drbd_source, host
from cluster.observe import observe_some
from cluster.options import HOLD_DOWN
from cluster.pacemaker_types import Pacemaker
from cluster.read import read_node
from cluster.release import OnActive, OnStandby
from cluster.runner import Runner
from cluster.types import Alone, NodeView, NotRunning, Unknown, Why


def certification(runner: Runner, *, settled_at: float) -> Certification:
    """Whether what was safe here at this monotonic time is on both disks, by the kernel's word of now."""
    asked_at = clock.monotonic()
    seen = read_node(observe_some(runner, host(), drbd_source=drbd_source()))
    drbd = Unknown(Why.MISSING, "No cluster is set up here.") if isinstance(seen, Alone) else seen.drbd
    return certify(drbd, asked_at=asked_at, settled_at=settled_at)


def for_release(runner: Runner) -> NodeView | Alone:
    """What a release depends on: this node in the cluster, and both ends of the database's replication."""
    wanted = (commands.PACEMAKER, commands.POSTGRES, commands.STANDBYS, commands.RECEIVER)
    return read_node(observe_some(runner, host(), *wanted))


def joined(seen: NodeView | Alone) -> bool | None:
    """Whether this node takes part in the cluster now; None is unknown."""
    if isinstance(seen, Alone):
        return False
    if not isinstance(seen.pacemaker, Pacemaker):
        return False if isinstance(seen.pacemaker, NotRunning) else None
    own = seen.pacemaker.node(seen.name)
    return own is not None and own.online and not own.pending


def active_side(seen: NodeView, committed: int | None) -> OnActive | None:
    """None where the other node's name is not known."""
    other = None if isinstance(seen.configuration, Unknown) else seen.configuration.other(seen.name)
    return OnActive(other.name, seen.standbys, committed) if other else None


def standby_side(seen: NodeView, present_timeline: int | None) -> OnStandby:
    return OnStandby(seen.postgres, seen.receiver, present_timeline)


def hold_down() -> float:
    """Seconds between a certificate and the release. Raises a database error."""
    return float(config.get(HOLD_DOWN.name))
