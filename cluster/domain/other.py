"""The other node's name, as the cluster's parts know it."""

from pathlib import Path

from cluster.domain.observing import host
from cluster.readers.corosync import read_configuration
from cluster.readers.reply import ReplyError

CONFIGURATION = Path("/etc/corosync/corosync.conf")
LONGEST = 64 * 1024


def other_name() -> str:
    """ "" where no cluster is set up, or its configuration cannot be read."""
    try:
        with CONFIGURATION.open(encoding="utf-8", errors="replace") as file:
            other = read_configuration(file.read(LONGEST)).other(host())
    except (OSError, ReplyError):
        return ""
    return other.name if other else ""
