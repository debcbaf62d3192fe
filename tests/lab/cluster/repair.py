"""The manual's recovery of a failed node, by its commands: the product's own Join and Recover will take their place."""

from tests.lab.cluster import state
from tests.lab.cluster.configure import LONG, restore_database
from tests.lab.cluster.node import Node

RESOURCE = "ms_postgresql"


def repair(bad: Node, good: Node) -> float:
    """Database and recordings of `bad` anew from `good`, joined again; seconds until the cluster is healthy."""
    bad.on()
    joined = state.look(bad).pacemaker is not None
    if joined:
        # The agent's start and a changing data directory do not go together.
        bad.sh(f"crm_resource --ban -r {RESOURCE} -N {bad.name} -Q; timeout 60 crm_resource --wait", check=False)
    restore_database(bad, good)
    _recordings(bad, good)
    if joined:
        bad.sh(f"crm_resource --clear -r {RESOURCE} -N {bad.name} -Q")
        # Not cleanup: Pacemaker would keep its old picture without a new probe.
        bad.sh("crm_resource --refresh -Q", check=False)
    else:
        bad.sh("systemctl start pacemaker", seconds=120)
    return state.wait("both nodes are healthy", good, lambda seen: seen.healthy, LONG)


def _recordings(bad: Node, good: Node) -> None:
    if bad.sh("drbdadm cstate r0", check=False).strip() == "StandAlone":
        bad.sh("drbdadm secondary r0 && drbdadm connect --discard-my-data r0")
    if good.sh("drbdadm cstate r0", check=False).strip() == "StandAlone":
        good.sh("drbdadm connect r0")
