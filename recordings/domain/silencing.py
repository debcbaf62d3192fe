"""Silencing a call that goes on, on both nodes, and hearing it again."""

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from apresa import nodelink
from apresa.accounts.models import User
from apresa.audit import domain as audit
from apresa.config import domain as config
from apresa.node.domain import is_in_cluster
from apresa.nodelink import LinkError
from recordings import options
from recordings.domain.acting import ActRefused
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.silences import Silence, change_silence, parse_silence
from recordings.queries.live import RunningCall, live_session, wishes

PATH = "/link/v1/silences"
PATIENCE = 3.0  # seconds for the other node's answer; here the silence holds already
SHORTEST = 5
SECOND = 10**9


@dataclass(frozen=True, slots=True)
class Silenced:
    """`until`: when it is heard again. `not_told`: why the other node does not know of it, "" where it does."""

    until: datetime
    not_told: str = ""


def may_silence(user: User) -> bool:
    return bool(user.has_perm("recordings.silence_call"))


def silence(call: RunningCall, *, by: User, address: str = "", seconds: int | None = None) -> Silenced:
    """From now on nobody may hear it, at most for the longest time that is set. Raises ActRefused."""
    longest = int(config.get(options.LONGEST_SILENCE.name))
    wanted = longest if seconds is None else seconds
    if not SHORTEST <= wanted <= longest:
        limits = {"least": SHORTEST, "most": longest}
        raise ActRefused(_("A silence lasts %(least)d to %(most)d seconds.") % limits, "seconds")
    now = time.time_ns()
    spans = ((now, now + wanted * SECOND),)
    return _wish(call, Silence(_name(call), call.call_ids, spans), "silence-begin", by, address)


def resume(call: RunningCall, *, by: User, address: str = "") -> Silenced:
    """It is heard again from now on. Raises ActRefused where it is not silenced."""
    now = time.time_ns()
    mine = [wish for wish in wishes() if wish.is_of(call.key, call.call_ids)]
    spans = tuple((start, now) for wish in mine for start, end in wish.spans if start <= now < end)
    if not spans:
        raise ActRefused(_("This call is not silenced now."))
    return _wish(call, Silence(mine[0].call, call.call_ids, spans), "silence-end", by, address)


def take_in(facts: object) -> Silence:
    """What the other node was asked holds here, too. Raises SpoolError, OSError."""
    session = Session(live_session())
    if not session.path.is_dir():
        raise SpoolError("no recording component has run here")
    return change_silence(session.silences, parse_silence(facts))


def _wish(call: RunningCall, wish: Silence, action: str, by: User, address: str) -> Silenced:
    try:
        held = change_silence(Session(live_session()).silences, wish)
    except OSError as error:
        raise ActRefused(_("It could not be written down: %(reason)s.") % {"reason": error.strerror}) from None
    except SpoolError as error:
        raise ActRefused(_("It could not be done: %(reason)s.") % {"reason": error}) from None
    not_told = _tell_other(held)
    until = max(end for _start, end in wish.spans)
    audit.record(by, action, f"call {call.key}", address=address, until_ns=until, other_node=not_told or "told")
    return Silenced(datetime.fromtimestamp(until / SECOND, UTC), not_told)


def _tell_other(wish: Silence) -> str:
    """At once: if this node dies now, those seconds must be in no file there, either."""
    if not is_in_cluster():
        return ""
    try:
        nodelink.other_node().post(PATH, asdict(wish), seconds=PATIENCE)
    except LinkError as error:
        return error.sentence
    return ""


def _name(call: RunningCall) -> str:
    """Raises ActRefused for a call that has no id."""
    if call.id is None:
        raise ActRefused(_("This call cannot be named, so it cannot be silenced."))
    return str(call.id)
