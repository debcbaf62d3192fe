"""DRBD's words, those of 8.4 and 9 in one set: 9 tells connection and replication apart, 8.4 has one word for both."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class _Word(StrEnum):
    @classmethod
    def of(cls, text: str) -> Self:
        """The word, or the class's own "unknown": a word never seen is not an error, and never good."""
        return cls(text) if text in cls._value2member_map_ else cls("unknown")


class DrbdRole(_Word):
    PRIMARY = "Primary"
    SECONDARY = "Secondary"
    UNKNOWN = "unknown"


class DrbdConnection(_Word):
    STANDALONE = "StandAlone"
    DISCONNECTING = "Disconnecting"
    UNCONNECTED = "Unconnected"
    TIMEOUT = "Timeout"
    BROKEN_PIPE = "BrokenPipe"
    NETWORK_FAILURE = "NetworkFailure"
    PROTOCOL_ERROR = "ProtocolError"
    TEAR_DOWN = "TearDown"
    CONNECTING = "Connecting"
    CONNECTED = "Connected"
    UNKNOWN = "unknown"


class DrbdReplication(_Word):
    OFF = "Off"
    ESTABLISHED = "Established"
    STARTING_SYNC_SOURCE = "StartingSyncS"
    STARTING_SYNC_TARGET = "StartingSyncT"
    BITMAP_SOURCE = "WFBitMapS"
    BITMAP_TARGET = "WFBitMapT"
    SYNC_UUID = "WFSyncUUID"
    SYNC_SOURCE = "SyncSource"
    SYNC_TARGET = "SyncTarget"
    PAUSED_SOURCE = "PausedSyncS"
    PAUSED_TARGET = "PausedSyncT"
    VERIFY_SOURCE = "VerifyS"
    VERIFY_TARGET = "VerifyT"
    AHEAD = "Ahead"
    BEHIND = "Behind"
    UNKNOWN = "unknown"

    @property
    def syncing(self) -> bool:
        return self in SYNCING


SYNCING = frozenset(
    {
        DrbdReplication.STARTING_SYNC_SOURCE,
        DrbdReplication.STARTING_SYNC_TARGET,
        DrbdReplication.BITMAP_SOURCE,
        DrbdReplication.BITMAP_TARGET,
        DrbdReplication.SYNC_UUID,
        DrbdReplication.SYNC_SOURCE,
        DrbdReplication.SYNC_TARGET,
        DrbdReplication.PAUSED_SOURCE,
        DrbdReplication.PAUSED_TARGET,
    }
)


class DrbdDisk(_Word):
    DISKLESS = "Diskless"
    ATTACHING = "Attaching"
    DETACHING = "Detaching"
    FAILED = "Failed"
    NEGOTIATING = "Negotiating"
    INCONSISTENT = "Inconsistent"
    OUTDATED = "Outdated"
    PEER_UNKNOWN = "DUnknown"  # DRBD's own word for a peer that it does not reach
    CONSISTENT = "Consistent"
    UP_TO_DATE = "UpToDate"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Drbd:
    """One resource with one device and one peer, as one kernel sees it. None: the source does not tell."""

    role: DrbdRole
    disk: DrbdDisk
    connection: DrbdConnection
    replication: DrbdReplication
    peer_role: DrbdRole
    peer_disk: DrbdDisk
    suspended: bool | None
    protocol: str | None
    """A, B or C."""
    out_of_sync: int | None
    """Kibibytes known to differ."""
    percent: float | None = None
    seconds_left: int | None = None

    @property
    def connected(self) -> bool:
        return self.connection is DrbdConnection.CONNECTED
