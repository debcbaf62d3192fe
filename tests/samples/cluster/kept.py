"""An observation as the worker keeps it."""

from datetime import timedelta
from typing import Any

from apresa.shared import clock
from cluster.domain.observing import host
from cluster.models import Observation
from cluster.replies import Replies
from cluster.types import Result, Unknown
from tests.samples.cluster import replies
from tests.samples.cluster.answers import healthy

MAINTENANCE = replies.PACEMAKER.replace('maintenance-mode="false"', 'maintenance-mode="true"').replace(
    'managed="true"', 'managed="false"'
)
FAILED = replies.PACEMAKER.replace(
    "<status ",
    '<failures><failure op_key="address_monitor_10000" node="north" exitstatus="not running" exitreason="gone"/>'
    "</failures><status ",
)
NOT_CONFIGURED = Result((), 1, "", "cat: /etc/corosync/corosync.conf: No such file or directory")


def said(text: str, code: int = 0, err: str = "") -> Result:
    return Result((), code, text, err)


OFF: dict[str, Any] = {
    "pacemaker": said(replies.PACEMAKER_OFF, 102),
    "quorum": said("", 1, "Cannot initialize CMAP service"),
    "links": said("", 1, "Could not initialize corosync configuration API"),
    "postgres": said("", 2, "connection to server on socket failed: No such file or directory"),
    "standbys": said("", 2, "connection to server on socket failed: No such file or directory"),
    "receiver": said("", 2, "connection to server on socket failed: No such file or directory"),
    "drbd_proc": said("", 1, "cat: /proc/drbd: No such file or directory"),
}


def keep(*, ago: float = 0.0, node: str = "", **others: Result | Unknown) -> Observation:
    """North's healthy replies, some replaced, seen so many seconds ago."""
    report = Replies(node or host(), 1_000_000.0, healthy(**others).results).to_json()
    at = clock.now() - timedelta(seconds=ago)
    return Observation.objects.update_or_create(id=1, defaults={"at": at, "report": report, "active": "north"})[0]


def keep_alone(ago: float = 0.0) -> Observation:
    return keep(ago=ago, configuration=NOT_CONFIGURED)
