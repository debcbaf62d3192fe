"""What the stand-in for DRBD knows and decides. No clock, no network: the daemon feeds it."""

from dataclasses import dataclass, field
from typing import Any

from tests.lab.cluster.standin.line import Line, Verdict, compare


class Refused(Exception):
    """DRBD would refuse, too; the text is what the command says, with exit code 17 as of "State change failed"."""


@dataclass(slots=True)
class Device:
    """One node's side of the resource r0."""

    line: Line = field(default_factory=Line)
    disk: str = "Inconsistent"
    made: bool = True
    """Whether the partition has meta data (create-md)."""
    up: bool = False
    role: str = "Secondary"
    connection: str = "StandAlone"
    replication: str = "Off"
    discards: bool = False
    peer_role: str = "Unknown"
    peer_disk: str = "DUnknown"

    def told_peer(self) -> dict[str, Any]:
        return {
            "up": self.up,
            "alone": self.connection == "StandAlone",
            "role": self.role,
            "disk": self.disk,
            "discards": self.discards,
            "generation": self.line.generation,
            "before": list(self.line.before),
        }

    def peer_says(self, told: dict[str, Any] | None) -> bool:
        """Take in the peer's answer, None for none. True when this side must now copy everything to the peer."""
        if not self.up or self.connection == "StandAlone":
            return False
        if told is None or not told["up"]:
            self._peer_gone()
            return False
        peer = Line(told["generation"], tuple(told["before"]))
        verdict = compare(self.line, peer, own_discards=self.discards, peer_discards=told["discards"])
        if told["alone"] and verdict is not Verdict.PARTED:  # of two that parted, both see it in one handshake
            self._peer_gone()
            return False
        both_primary = self.role == told["role"] == "Primary"
        if verdict is Verdict.PARTED or both_primary or (verdict is Verdict.TARGET and self.role == "Primary"):
            self._alone()
            return False
        self.connection, self.peer_role, self.peer_disk = "Connected", told["role"], told["disk"]
        if verdict is Verdict.SAME:
            self.replication, self.discards = "Established", False
        elif verdict is Verdict.SOURCE:
            self.replication, self.peer_disk = "SyncSource", "Inconsistent"
        else:
            self.replication, self.disk = "SyncTarget", "Inconsistent"
        return self.replication == "SyncSource"

    def synced_from(self, told: dict[str, Any]) -> None:
        """The source has copied everything."""
        self.line = Line(told["generation"], tuple(told["before"]))
        self.disk, self.discards = "UpToDate", False

    def create(self) -> None:
        if self.made:
            raise Refused("r0: there is valid meta data already")
        self.made = True

    def bring_up(self) -> None:
        if not self.made:
            raise Refused("No valid meta data found")
        if not self.up:
            self.up, self.connection, self.replication = True, "Connecting", "Off"

    def take_down(self) -> None:
        self.demote()
        self.up = False
        self._alone()

    def promote(self, *, force: bool = False) -> None:
        if not self.up:
            raise Refused("r0: (drbd is not up)")
        if self.role == "Primary":
            return
        if self.connection == "Connected" and self.peer_role == "Primary":
            raise Refused("r0: State change failed: (-1) Multiple primaries not allowed by config")
        if self.disk != "UpToDate" and not force:
            raise Refused("r0: State change failed: (-2) Need access to UpToDate data")
        self.disk = "UpToDate"
        if self.connection != "Connected" or not self.line.generation:
            self.line = self.line.next()
        self.role = "Primary"

    def demote(self) -> None:
        self.role = "Secondary"

    def connect(self, *, discard: bool) -> None:
        if not self.up:
            raise Refused("r0: (drbd is not up)")
        if discard and self.role == "Primary":
            raise Refused("r0: a Primary cannot discard its data")
        if self.connection == "StandAlone":
            self.connection, self.discards = "Connecting", discard

    def disconnect(self) -> None:
        if self.connection == "Connected" and self.role == "Primary":
            self.line = self.line.next()
        self._alone()

    def _peer_gone(self) -> None:
        if self.connection == "Connected" and self.role == "Primary":
            self.line = self.line.next()
        self.connection, self.replication = "Connecting", "Off"
        self.peer_role, self.peer_disk = "Unknown", "DUnknown"

    def _alone(self) -> None:
        self.connection, self.replication = "StandAlone", "Off"
        self.peer_role, self.peer_disk = "Unknown", "DUnknown"
