"""`cluster_recover`: compare both nodes, and repair what is to be repaired on this one."""

from cluster.management.recovering import RecoveryCommand


class Command(RecoveryCommand):
    help = (
        "Compare both nodes, say which case it is, and repair this node's part of it. "
        "The direction that could lose the newer data is refused."
    )
    examples = ("--preview", "", "--yes --without-comparison")
