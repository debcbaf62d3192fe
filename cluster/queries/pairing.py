"""How far the pairing has come: the open code, who tried, and the other node once it is known."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from apresa.audit.models import Entry
from apresa.shared import clock
from cluster.catalogue.pairing import retold
from cluster.pairing import domain, offer, primary
from cluster.pairing.certificates import CertificateError
from cluster.pairing.code import Code
from cluster.pairing.offer import Offer, OfferError
from cluster.pairing.store import Peer, StoreError

REFUSED, OFFERED = "pairing-refused", "pairing-offered"
MOST = 5
PATIENCE = 10  # seconds: twice the clock that finds a missing listener


@dataclass(frozen=True, slots=True)
class Refusal:
    at: datetime
    address: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class PairingState:
    """`state`: "paired", "open" (there is a code), "over" (there was one), "none", or "unreadable" (see `trouble`)."""

    state: str
    peer: Peer | None = None
    code: str = ""
    address: str = ""
    """Where the code is to be typed in: this machine's address; "" for a code of the command line."""
    seconds_left: int = 0
    listening: bool = False
    trouble: str = ""
    refused: tuple[Refusal, ...] = ()
    """Who was refused under this code, the newest first."""

    @property
    def fresh(self) -> bool:
        """Whether the code is so new that nobody can listen yet."""
        return self.seconds_left > offer.VALID - PATIENCE

    @property
    def minutes(self) -> int:
        return self.seconds_left // 60

    @property
    def seconds(self) -> int:
        return self.seconds_left % 60

    @property
    def groups(self) -> list[str]:
        return self.code.split("-") if self.code else []


def pairing_state() -> PairingState:
    store = domain.store()
    try:
        if peer := store.peer():
            return PairingState("paired", peer)
        current = store.offer()
        now = clock.now().timestamp()
        if current is not None and now < current.until:
            return _open(current, now)
    except (StoreError, OfferError, CertificateError, OSError) as error:
        return PairingState("unreadable", trouble=str(error))
    refused = _refused(clock.now() - timedelta(seconds=2 * offer.VALID))
    return PairingState("over" if refused or current is not None else "none", refused=refused)


def told(found: PairingState, translate: Callable[[str], str]) -> PairingState:
    """The same in the reader's language."""
    refused = tuple(replace(one, reason=retold(one.reason, translate)) for one in found.refused)
    return replace(found, refused=refused, trouble=retold(found.trouble, translate))


def _open(current: Offer, now: float) -> PairingState:
    store = domain.store()
    with store.only_listener() as free:
        listening = not free
    code: Code = primary.open_code(store, current)
    begun = datetime.fromtimestamp(current.until - offer.VALID, clock.now().tzinfo)
    return PairingState(
        "open",
        code=str(code),
        address=current.listen,
        seconds_left=max(0, round(current.until - now)),
        listening=listening,
        trouble=current.trouble,
        refused=_refused(begun),
    )


def _refused(since: datetime) -> tuple[Refusal, ...]:
    rows = Entry.objects.using("node").filter(action__in=(REFUSED, OFFERED), at__gte=since).order_by("-id")
    found: list[Refusal] = []
    for row in rows[: 10 * MOST]:
        if row.action == OFFERED or len(found) == MOST:
            break
        found.append(Refusal(row.at, row.address, row.object, str(row.detail.get("reason", ""))))
    return tuple(found)
