"""A look at the cluster: asked, kept as it came, and judged."""

import socket

from django.db.utils import Error as DatabaseError

from apresa.config import domain as config
from apresa.node.domain import identity
from apresa.node.models import Role
from apresa.shared import clock
from cluster.decide import decide
from cluster.domain import history
from cluster.models import Observation
from cluster.observe import observe
from cluster.options import DRBD_SOURCE
from cluster.readers.reply import ReplyError
from cluster.replies import Replies, from_json
from cluster.runner import Runner
from cluster.status import view_of
from cluster.types import Alone, ClusterView


def host() -> str:
    """The name that the cluster knows this machine by."""
    return socket.gethostname().split(".")[0]


def drbd_source() -> str:
    try:
        return str(config.get(DRBD_SOURCE.name))
    except DatabaseError:  # this machine's own database is gone; the question must be answered all the same
        return str(DRBD_SOURCE.default)


def in_cluster() -> bool:
    """Whether this machine was told that it belongs to a cluster."""
    try:
        return identity().role != Role.STANDALONE
    except DatabaseError:
        return False


def ask(runner: Runner) -> Replies:
    """This node's replies of now; nothing is kept."""
    return observe(runner, host(), drbd_source=drbd_source())


def look(runner: Runner) -> ClusterView | Alone:
    """Ask, keep the replies as the last observation, note in the history what changed; the view."""
    last = Observation.objects.first()
    before = decide(view(last)) if last else None
    replies = ask(runner)
    seen = view_of(replies, None, in_cluster=in_cluster())
    judgement = decide(seen)
    history.note(judgement, before=before, last_active=last.active if last else "")
    active = judgement.active or (last.active if last else "")
    kept = {"at": clock.now(), "report": replies.to_json(), "active": active}
    Observation.objects.update_or_create(id=1, defaults=kept)
    return seen


def view(observation: Observation) -> ClusterView | Alone:
    """What was seen then. A report that another release kept, and this one can't read, is "unknown" as a whole."""
    try:
        return view_of(from_json(observation.report), None, in_cluster=in_cluster())
    except ReplyError:
        return view_of(Replies(host(), 0.0, {}), None, in_cluster=in_cluster())
