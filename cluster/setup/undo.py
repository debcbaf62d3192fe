"""Giving a set-up up: its steps taken back, the last one first, each by what is seen. Pure.

What was the lone machine's (database, recordings) comes back first; only then what the cluster had of it goes."""

from cluster.findings import Finding, finding
from cluster.setup import orders
from cluster.setup.answers import STAND_IN
from cluster.setup.orders import Setting
from cluster.setup.seen import Place, Seen
from cluster.setup.steps import DATA, Given, Next, Step, Stuck, Work, first, once

COPIES = ("main", "main.new", "main.whole", "main.empty")  # of the database, beside what was there before


def refusal(seen: Seen) -> Finding | None:
    """Why this set-up cannot be given up (any more); None where it can."""
    if seen.activated:
        return finding("served")
    if seen.database is Place.NOWHERE or seen.library is Place.NOWHERE:
        what = "default.sqlite3" if seen.database is Place.NOWHERE else "library"
        return finding("own-data-missing", what=what)
    if seen.database is Place.BOTH:
        return finding("own-data-twice")
    if seen.library_mounted and seen.library is Place.ASIDE and seen.pacemaker is None:
        return finding("library-in-use")
    return None


def _stop(_one: Setting, seen: Seen, given: Given) -> Next:
    """Pacemaker and Corosync; where nobody can tell whether they run, too."""
    if reason := refusal(seen):
        return Stuck(reason)
    return first(given, orders.CLUSTER_STOP)


def _compare(one: Setting, seen: Seen, given: Given) -> Next:
    """What people changed since the database was moved would be lost: then it is not given up."""
    if one.role != "primary" or not seen.full:
        return None
    if reason := refusal(seen):  # it may have become active before it was stopped
        return Stuck(reason)
    if "compare" in given:
        return None
    return Work("compare") if seen.server else once(given, orders.database_server("start"))


def _data(_one: Setting, seen: Seen, given: Given) -> Next:
    if reason := refusal(seen):
        return Stuck(reason)
    lone = seen.database is Place.OWN and seen.library is Place.OWN and seen.standalone
    return None if lone else first(given, Work("back"))


def _return(_one: Setting, seen: Seen, given: Given) -> Next:
    """The lone machine's service begins again; this process ends with the node's units."""
    if not seen.full and not seen.switched:
        return None
    return first(given, Work("return")) if seen.full else once(given, orders.SWITCH_BACK)


def _volume(one: Setting, seen: Seen, given: Given) -> Next:
    """The primary's copy of its own recordings goes; a secondary's may be the only one, and stays."""
    if not _is_lone(seen):
        return Stuck(finding("not-lone"))
    if seen.mounted:
        return once(given, orders.volume(one, "unmount"))
    if seen.role:
        return once(given, orders.drbd("down"))
    if one.role == "primary" and one.plan.volume.device != STAND_IN and seen.copy:
        return once(given, orders.drbd_wipe(one))
    return first(given, orders.DRBD_FORGET)


def _server(_one: Setting, seen: Seen, given: Given) -> Next:
    if not _is_lone(seen):
        return Stuck(finding("not-lone"))
    if seen.copying:
        return once(given, orders.COPY_STOP)
    if seen.server and seen.server_config == DATA:
        return once(given, orders.database_server("stop"))
    if seen.server_config == DATA or seen.folders & set(COPIES):
        return once(given, orders.DATABASE_ASIDE)
    return once(given, orders.DATABASE_BACK) if seen.before and not seen.server_config else None


def _redis(_one: Setting, _seen: Seen, given: Given) -> Next:
    return first(given, orders.REDIS_BACK)


def _ring(_one: Setting, _seen: Seen, given: Given) -> Next:
    return first(given, orders.RING_FORGET)


def _names(one: Setting, _seen: Seen, given: Given) -> Next:
    return first(given, orders.hosts_back(one))


def _end(_one: Setting, _seen: Seen, given: Given) -> Next:
    return first(given, Work("forget"))


def _is_lone(seen: Seen) -> bool:
    """Whether the lone machine has its own again: before that, no copy goes."""
    own = seen.database is Place.OWN and seen.library is Place.OWN
    return own and seen.standalone and not (seen.full or seen.switched or seen.activated)


STEPS = (
    Step("undo-stop", _stop),
    Step("undo-compare", _compare, 2),
    Step("undo-data", _data),
    Step("undo-return", _return, 3),
    Step("undo-volume", _volume, 2),
    Step("undo-server", _server, 2),
    Step("undo-redis", _redis),
    Step("undo-ring", _ring),
    Step("undo-names", _names),
    Step("undo-end", _end),
)
NO_WAY_BACK = "undo-data"
"""From this step on a set-up that is being given up cannot be gone on with: it is given up to its end."""
