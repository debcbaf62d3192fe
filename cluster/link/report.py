"""Asking the other node for its report."""

from apresa.nodelink import Caller, LinkError
from apresa.release import release
from apresa.shared import clock
from cluster.readers.reply import ReplyError
from cluster.replies import LONGEST
from cluster.told import Told, read_answer
from cluster.types import Unknown, Why

PATH = "/link/v1/report"
SECONDS = 9.0  # within the deadline of a look, and longer than the other node takes to look


def fetch(other: Caller) -> Told:
    """What the other node sees now. What goes wrong is "unknown", with the reason."""
    sent = clock.now().timestamp()
    try:
        found = other.get(PATH, seconds=SECONDS, most=LONGEST)
    except LinkError as error:
        return Told(None, Unknown(Why.LATE if error.code == "late" else Why.MISSING, error.sentence))
    came = clock.now().timestamp()
    try:
        return read_answer(found, sent=sent, came=came, own_release=release())
    except ReplyError as error:
        return Told(Unknown(Why.UNREADABLE, str(error)))
