"""A look at the cluster: asked, kept as it came, and judged."""

import queue
import socket
import threading
from collections.abc import Callable

from django.db import connections
from django.db.utils import Error as DatabaseError

from apresa.config import domain as config
from apresa.node.domain import identity
from apresa.node.models import Role
from apresa.nodelink import LinkError
from apresa.shared import clock
from cluster.decide import decide
from cluster.domain import history, rejoining, services
from cluster.domain.primary import keep_primary_address
from cluster.link.client import peer_link
from cluster.link.report import fetch
from cluster.models import Observation
from cluster.observe import DEADLINE, observe
from cluster.options import DRBD_SOURCE
from cluster.readers.reply import ReplyError
from cluster.replies import Replies, from_json
from cluster.runner import Runner
from cluster.status import view_of
from cluster.told import Told
from cluster.told import from_json as from_told
from cluster.types import Alone, ClusterView, Unknown, Why


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


def ask(runner: Runner, *, deadline: float = DEADLINE, by_worker: bool = False) -> Replies:
    """This node's replies of now; nothing is kept."""

    def tell() -> str | Unknown:
        try:
            return services.tell(by_worker=by_worker)
        except (DatabaseError, OSError):
            return Unknown(Why.MISSING, "This machine's own database does not answer.")
        finally:
            connections.close_all()  # of this thread alone, which ends here

    return observe(runner, host(), drbd_source=drbd_source(), deadline=deadline, services=tell)


def ask_other(deadline: float) -> Callable[[], Told]:
    """Ask the paired node at once, beside whatever is done meanwhile; what is returned waits for its answer.

    A daemon thread: a node that hangs must not hold the process."""
    try:
        other = peer_link()
    except LinkError as error:
        told = Told() if error.code == "not-paired" else Told(None, Unknown(Why.MISSING, error.sentence))
        return lambda: told
    end = clock.monotonic() + deadline
    answers: queue.SimpleQueue[Told] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(fetch(other)), daemon=True).start()

    def wait() -> Told:
        try:
            return answers.get(timeout=max(0.0, end - clock.monotonic()))
        except queue.Empty:
            return Told(None, Unknown(Why.LATE, f"No answer within {deadline:g} seconds."))

    return wait


def look(runner: Runner) -> ClusterView | Alone:
    """Ask both nodes side by side, keep what they say as the last observation, note in the history what changed."""
    last = Observation.objects.first()
    before = decide(view(last)) if last else None
    other = ask_other(DEADLINE)
    replies = ask(runner, by_worker=True)
    told = other()
    replies = rejoining.judged(runner, replies, told.replies)
    services.note_heard()
    keep_primary_address()
    seen = view_of(replies, told.replies, in_cluster=in_cluster(), link=told.link)
    judgement = decide(seen)
    history.note(judgement, before=before, last_active=last.active if last else "")
    active = judgement.active or (last.active if last else "")
    kept = {"at": clock.now(), "report": replies.to_json(), "active": active, "told": told.to_json()}
    Observation.objects.update_or_create(id=1, defaults=kept)
    return seen


def view(observation: Observation) -> ClusterView | Alone:
    """What was seen then. A report that another release kept, and this one can't read, is "unknown" as a whole."""
    try:
        told = from_told(observation.told)
        return view_of(from_json(observation.report), told.replies, in_cluster=in_cluster(), link=told.link)
    except ReplyError:
        return view_of(Replies(host(), 0.0, {}), None, in_cluster=in_cluster())
