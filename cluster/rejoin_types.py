"""Whether a database that was the active one may follow the other node's again, as both sides together say it."""

from dataclasses import dataclass

from cluster.findings import Finding


@dataclass(frozen=True, slots=True)
class Proof:
    """What it was proven of: these files, as they are now, hold nothing behind the point where the other one went on.

    Positions in the log (LSN) are numbers of bytes."""

    system: str
    timeline: int
    position: int
    """What pg_control says: where its last checkpoint begins, or where a standby must have come to."""
    fork: int
    """Where the active database left this timeline."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Either the proof, or what speaks against it; the texts stand in `catalogue.recovery.REJOIN`."""

    proof: Proof | None
    against: tuple[Finding, ...] = ()
