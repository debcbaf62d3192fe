"""This node's report, for the other one to judge together with its own."""

import json
import threading
from typing import Any

from django.http import HttpRequest

from apresa.nodelink.answers import answers
from apresa.release import release
from apresa.shared import clock
from cluster.domain import observing
from cluster.helper import runner_here
from cluster.queries.handed import under_repair
from cluster.replies import Replies

DEADLINE = 7.0  # seconds: the other node waits a little longer
SHARED = 0.5  # seconds in which one look answers all who ask


class Latest:
    """A look of this very moment. The worker's last one may be seconds old: compared with the other node's of now, a
    switchover between the two would look like two active nodes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: tuple[float, Replies] | None = None

    def replies(self) -> Replies:
        with self._lock:
            if self._taken is None or clock.monotonic() - self._taken[0] > SHARED:
                replies = observing.ask(runner_here(), deadline=DEADLINE)
                self._taken = clock.monotonic(), replies  # its end: who waited for a slow one is answered by it
            return self._taken[1]


_latest = Latest()


@answers("GET")
def report(_request: HttpRequest) -> dict[str, Any]:
    """`now` and `age` are by this node's clock: the other side measures by them how far the clocks differ."""
    replies = _latest.replies()
    now = clock.now().timestamp()
    age = max(0.0, now - replies.taken_at)
    return {
        "release": release(),
        "now": now,
        "age": age,
        "replies": json.loads(replies.to_json()),
        "repair": under_repair(),
    }
