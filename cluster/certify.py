"""May the active node certify a version of a call now: is its file on both disks?

Rules C1 and C2: DRBD, read from the kernel after the fsync and the commit, is connected, with protocol C and both disks
UpToDate. Exactly this state certifies; any other word, or one that is missing, means "not yet". The standby never
certifies: it may not have noticed that the active node dropped the connection and writes alone.
"""

from dataclasses import dataclass

from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.types import NotRunning, Unknown


@dataclass(frozen=True, slots=True)
class Certification:
    certified: bool
    reason: str
    """One English sentence."""


def certify(drbd: Drbd | NotRunning | Unknown, *, asked_at: float, settled_at: float) -> Certification:
    """Times are this boot's monotonic clock: when DRBD was asked, and when file and row were safe."""
    if not asked_at > settled_at:
        return Certification(False, "DRBD was asked before the recording was safe here; ask again.")
    if not isinstance(drbd, Drbd):
        return Certification(False, f"The state of DRBD is not known: {drbd.detail}")
    for good, reason in (
        (drbd.role is DrbdRole.PRIMARY, f"this node is {drbd.role}, and only the active node certifies"),
        (drbd.connection is DrbdConnection.CONNECTED, f"the connection is {drbd.connection}"),
        (drbd.replication is DrbdReplication.ESTABLISHED, f"replication is {drbd.replication}"),
        (drbd.disk is DrbdDisk.UP_TO_DATE, f"this node's disk is {drbd.disk}"),
        (drbd.peer_disk is DrbdDisk.UP_TO_DATE, f"the other node's disk is {drbd.peer_disk}"),
        (drbd.peer_role is DrbdRole.SECONDARY, f"the other node is {drbd.peer_role}"),
        (drbd.suspended is False, "I/O is suspended, or nobody tells"),
        (drbd.protocol == "C", f"the protocol is {drbd.protocol or 'not told'}"),
        (drbd.out_of_sync == 0, f"{'?' if drbd.out_of_sync is None else drbd.out_of_sync} KiB are out of sync"),
    ):
        if not good:
            return Certification(False, f"Not yet: {reason}.")
    return Certification(True, "The recording is on both disks.")
