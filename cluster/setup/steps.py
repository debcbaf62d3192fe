"""The steps of a set-up. Each one says, from what is seen, what must be done next; None when it is done.

So a set-up that was killed anywhere goes on when it is run again: nothing is remembered, everything is looked at."""

from collections.abc import Callable
from dataclasses import dataclass

from cluster import orders as acts
from cluster.commands import Command
from cluster.findings import Finding, finding
from cluster.setup import orders
from cluster.setup.answers import STAND_IN
from cluster.setup.orders import Setting
from cluster.setup.seen import Seen

DATA = "/database/db/main"


@dataclass(frozen=True, slots=True)
class Wait:
    """For what comes by itself."""

    seconds: float
    fault: Finding
    """What is said when it does not."""


@dataclass(frozen=True, slots=True)
class Work:
    """What this process does itself."""

    name: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """Nothing more is done; a person must look."""

    reason: Finding


Next = Command | Wait | Work | Stuck | None
Given = frozenset[str]  # names of what this step did already in this run
Decide = Callable[[Setting, Seen, Given], Next]


@dataclass(frozen=True, slots=True)
class Step:
    code: str
    """Of `catalogue.setup_steps.STEPS`."""
    next: Decide
    share: int = 1
    """Of the whole, for the progress bar."""


def first(given: Given, *wanted: Command | Work) -> Next:
    """Those that only write what they are given are done once in each run."""
    return next((one for one in wanted if key(one) not in given), None)


def key(done: Command | Work) -> str:
    """How a step finds again what it did: an order also by what it was to do."""
    if isinstance(done, Work) or done.order is None:
        return done.name
    values = dict(done.order.values)
    return f"{done.name} {values.get('action', values.get('part', ''))}".rstrip()


def _check(_one: Setting, _seen: Seen, given: Given) -> Next:
    return first(given, Work("check"))


def _names(one: Setting, seen: Seen, given: Given) -> Next:
    if todo := first(given, orders.hosts(one)):
        return todo
    return None if seen.names else Stuck(finding("names-lead-elsewhere"))


def _ring(one: Setting, _seen: Seen, given: Given) -> Next:
    return first(given, orders.corosync(one), orders.corosync_key(one))


def _volume(one: Setting, seen: Seen, given: Given) -> Next:
    """DRBD's copy here; on the primary, with a file system, mounted apart."""
    if seen.full:
        return None
    if todo := first(given, orders.drbd_config(one)):
        return todo
    if seen.copy is None:
        return Stuck(finding("drbd-unknown"))
    if not seen.copy:
        return once(given, orders.drbd_create(one))
    if not seen.role:
        return once(given, orders.drbd("up"))
    return _filled(one, seen, given) if one.role == "primary" else None


def _filled(one: Setting, seen: Seen, given: Given) -> Next:
    if seen.role.partition("/")[0] != "Primary":
        fresh = (seen.copy or "").startswith("Inconsistent")
        return once(given, orders.DRBD_FIRST if fresh else orders.drbd("primary"))
    if one.plan.volume.device != STAND_IN and not seen.mounted:
        if seen.signature is None or seen.signature not in {"", "ext4"}:
            return Stuck(finding("volume-foreign", device=one.plan.volume.device, what=seen.signature or "?"))
        if not seen.signature:
            return once(given, orders.make_volume(one))
    return None if seen.mounted else once(given, orders.volume(one, "mount"))


def once(given: Given, wanted: Command) -> Next:
    """An order whose effect is still not seen is not given a second time."""
    return Stuck(finding("no-effect", what=key(wanted))) if key(wanted) in given else wanted


def _server(one: Setting, seen: Seen, given: Given) -> Next:
    """The database's server, its files and, for the first one, its roles."""
    if seen.full:
        return None
    if seen.server_config != DATA:
        return once(given, orders.MAKE_WAY if seen.server_config else orders.DATABASE_CREATE)
    if todo := first(given, orders.database_files(one)):
        return todo
    if one.role == "secondary":
        return None
    if not seen.server:
        return once(given, orders.database_server("start"))
    return first(given, orders.database_roles(one))


def _copied(one: Setting, seen: Seen, given: Given) -> Next:
    """The secondary's database becomes a copy of the primary's; "main.empty" beside it says that it has."""
    if seen.full or ("main.empty" in seen.folders and "main" in seen.folders):
        return None if seen.full else first(given, orders.database_take("standby"))
    if seen.copying:
        return Wait(24 * 3600.0, finding("copy-late"))
    if "main.whole" not in seen.folders:
        return (
            once(given, orders.database_copy(one)) if "main.empty" not in seen.folders else Stuck(finding("copy-lost"))
        )
    return orders.database_take("aside" if "main" in seen.folders else "in")


def _redis(_one: Setting, seen: Seen, given: Given) -> Next:
    return None if seen.full else first(given, orders.REDIS)


def _library(_one: Setting, seen: Seen, given: Given) -> Next:
    return None if seen.full else first(given, Work("library"))


def _switch(one: Setting, seen: Seen, given: Given) -> Next:
    """The lone machine's service ends here, and this process with it; the node's own worker goes on."""
    return None if seen.full else first(given, Work("move" if one.role == "primary" else "leave"))


def _place(one: Setting, seen: Seen, given: Given) -> Next:
    """What was for the filling goes; the library's place is free for the volume."""
    if seen.mounted:
        return once(given, orders.volume(one, "unmount"))
    if not seen.library_aside:
        return first(given, Work("aside"))
    if seen.pacemaker is None:
        if one.role == "primary" and seen.server:
            return once(given, orders.database_server("stop"))
        if seen.role:
            return once(given, orders.drbd("down"))
    return None


def _start(one: Setting, seen: Seen, given: Given) -> Next:
    if seen.pacemaker is None and key(acts.JOIN) not in given:
        return first(given, orders.PACEMAKER_FIRST, acts.JOIN) if one.role == "primary" else acts.JOIN
    if not seen.elected:
        return Wait(120.0, finding("pacemaker-late"))
    if one.role == "primary":
        return first(given, orders.resources(one))
    return None


def _serves(one: Setting, seen: Seen, given: Given) -> Next:
    ready = seen.serves(one.own.name) if one.role == "primary" else seen.follows(one.own.name)
    if not ready:
        return Wait(300.0, finding("serves-late" if one.role == "primary" else "follows-late"))
    return first(given, Work("finish"))


def _witness(one: Setting, _seen: Seen, given: Given) -> Next:
    """Both nodes must be there for it, so the second one does it, and by the node link for the first one, too."""
    return first(given, Work("witness")) if one.plan.witness else None


PRIMARY = (
    Step("check", _check),
    Step("names", _names),
    Step("ring", _ring),
    Step("volume", _volume, 3),
    Step("server", _server, 3),
    Step("redis", _redis),
    Step("library", _library, 6),
    Step("move", _switch, 6),
    Step("place", _place),
    Step("start", _start, 4),
    Step("serves", _serves, 4),
)
SECONDARY = (
    Step("check", _check),
    Step("names", _names),
    Step("ring", _ring),
    Step("volume", _volume, 2),
    Step("server", _server, 2),
    Step("copy", _copied, 8),
    Step("redis", _redis),
    Step("leave", _switch, 2),
    Step("place", _place),
    Step("start", _start, 3),
    Step("follows", _serves, 4),
    Step("witness", _witness),
)


def steps(role: str) -> tuple[Step, ...]:
    return PRIMARY if role == "primary" else SECONDARY


def percent(every: tuple[Step, ...], number: int) -> int:
    """When the step of this number begins."""
    shares = [step.share for step in every]
    return 100 * sum(shares[:number]) // sum(shares)
