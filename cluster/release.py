"""May this node delete its spooled copy of a call? Rules R1 to R4; "unknown" keeps, and age alone never releases."""

from dataclasses import dataclass
from enum import StrEnum

from cluster.types import NotRunning, Postgres, Receiver, Standby, Unknown

LEAST_HOLD_DOWN = 60.0
HOLD_DOWN = 600.0  # seconds after the certificate: DRBD's fsync does not flush the peer's volatile cache (C4)
OVERDUE = 24 * 3600.0


class Verdict(StrEnum):
    RELEASE = "release"
    KEEP = "keep"


class Permission(StrEnum):
    """What this node's database shows for the call."""

    CERTIFICATE = "certificate"
    TOMBSTONE = "tombstone"
    REFUSED = "refused"  # by a rule: a row of the ledger
    NOTHING = "nothing"


class Reason(StrEnum):
    COVERED = "covered"
    DELETED = "deleted"
    REFUSED = "refused"
    IN_PROGRESS = "in-progress"
    TICKET = "ticket"
    NOT_IN_CLUSTER = "not-in-cluster"
    REPLICA = "replica"
    NO_PERMISSION = "no-permission"
    NOT_COVERED = "not-covered"
    HOLD_DOWN = "hold-down"
    NOT_ACKNOWLEDGED = "not-acknowledged"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OnStandby:
    """A standby believes its own replica (R1), as long as that follows the present line of history."""

    server: Postgres | NotRunning | Unknown
    receiver: Receiver | NotRunning | Unknown
    present_timeline: int | None


@dataclass(frozen=True, slots=True)
class OnActive:
    """The active node waits until its standby has flushed the permission (R2)."""

    standby: str
    standbys: tuple[Standby, ...] | NotRunning | Unknown
    committed: int | None
    """The position in the log (LSN) of the commit that made the permission."""


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """One spool entry. None is "unknown" throughout."""

    ended: bool | None
    """Whether the call has ended here."""
    ticket: bool | None
    """Whether a recovery is open on this node."""
    in_cluster: bool | None
    permission: Permission | None
    covered: bool | None
    """Whether the certified coverage includes that of this entry (R1b)."""
    certified_for: float | None
    """Seconds since the certificate was seen here."""
    side: OnStandby | OnActive | None
    hold_down: float = HOLD_DOWN


def decide_release(view: ReleaseView) -> tuple[Verdict, Reason]:
    reason = _obstacle(view)
    if reason:
        return Verdict.KEEP, reason
    released = {
        Permission.CERTIFICATE: Reason.COVERED,
        Permission.TOMBSTONE: Reason.DELETED,
        Permission.REFUSED: Reason.REFUSED,
    }
    return Verdict.RELEASE, released[view.permission or Permission.NOTHING]


def overdue(age: float, verdict: Verdict) -> bool:
    """Whether to alarm about an entry of this age (R4); it is kept all the same."""
    return verdict is Verdict.KEEP and age > OVERDUE


def _obstacle(view: ReleaseView) -> Reason | None:
    if None in (view.ended, view.ticket, view.in_cluster, view.permission, view.side):
        return Reason.UNKNOWN
    if not view.ended:
        return Reason.IN_PROGRESS
    if view.ticket:
        return Reason.TICKET
    if not view.in_cluster:
        return Reason.NOT_IN_CLUSTER
    if view.permission is Permission.NOTHING:
        return Reason.NO_PERMISSION
    side = _standby(view.side) if isinstance(view.side, OnStandby) else _active(view.side)
    return side or (_certificate(view) if view.permission is Permission.CERTIFICATE else None)


def _certificate(view: ReleaseView) -> Reason | None:
    if view.covered is None or view.certified_for is None:
        return Reason.UNKNOWN
    if not view.covered:
        return Reason.NOT_COVERED
    waited = view.certified_for >= max(view.hold_down, LEAST_HOLD_DOWN)
    return None if waited else Reason.HOLD_DOWN


def _standby(side: OnStandby) -> Reason | None:
    if isinstance(side.server, Unknown) or isinstance(side.receiver, Unknown) or side.present_timeline is None:
        return Reason.UNKNOWN
    if isinstance(side.server, NotRunning) or isinstance(side.receiver, NotRunning):
        return Reason.REPLICA
    follows = side.receiver.streaming and side.receiver.timeline == side.present_timeline
    return None if side.server.in_recovery and follows else Reason.REPLICA


def _active(side: OnActive | None) -> Reason | None:
    if side is None or isinstance(side.standbys, Unknown) or side.committed is None:
        return Reason.UNKNOWN
    if isinstance(side.standbys, NotRunning):
        return Reason.NOT_ACKNOWLEDGED
    flushed = [row.flushed for row in side.standbys if row.name == side.standby and row.streaming]
    acknowledged = any(position is not None and position >= side.committed for position in flushed)
    return None if acknowledged else Reason.NOT_ACKNOWLEDGED
