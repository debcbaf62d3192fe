"""The other node's name, as the cluster's parts know it."""

from cluster.domain.observing import host
from cluster.link.places import configured


def other_name() -> str:
    """ "" where no cluster is set up, or its configuration cannot be read."""
    found = configured()
    other = found.other(host()) if found else None
    return other.name if other else ""
