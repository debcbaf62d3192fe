"""What is known of a cluster: frozen, and "unknown" is a value that never counts as good."""

from dataclasses import dataclass
from enum import StrEnum

from cluster.drbd_types import Drbd
from cluster.pacemaker_types import Pacemaker
from cluster.rejoin_types import Verdict


class Why(StrEnum):
    """Why something is not known."""

    MISSING = "missing"  # the program is not installed, or may not be started
    LATE = "late"  # no answer within the time limit
    UNREADABLE = "unreadable"  # an answer that no reader understands


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say; `detail` is one English sentence for the operator."""

    why: Why
    detail: str


@dataclass(frozen=True, slots=True)
class NotRunning:
    """The part is known to be off: an answer, and not a failure to ask."""

    detail: str


@dataclass(frozen=True, slots=True)
class Result:
    """One command that ended: what it was called with, its exit code, and what it said."""

    argv: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Both outputs, for messages that a tool writes now to the one and now to the other."""
        return f"{self.out}\n{self.err}"


@dataclass(frozen=True, slots=True)
class RingNode:
    """One node as corosync.conf names it; an address for each link."""

    name: str
    number: int
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Configuration:
    nodes: tuple[RingNode, ...]
    witness: bool
    witness_host: str = ""
    """"" also where a witness of another kind is configured."""

    def node(self, name: str) -> RingNode | None:
        return next((node for node in self.nodes if node.name == name), None)

    def other(self, name: str) -> RingNode | None:
        """The other node of a pair, None where the name is none of the two."""
        return next((node for node in self.nodes if node.name != name), None) if self.node(name) else None


@dataclass(frozen=True, slots=True)
class Quorum:
    quorate: bool
    expected_votes: int
    total_votes: int
    members: tuple[str, ...]
    witness_votes: int | None
    """Votes that the witness (quorum device) gives now; None where none takes part."""


@dataclass(frozen=True, slots=True)
class Witness:
    """What this node's client of the witness says: where it is, and whether they are connected."""

    host: str
    state: str

    @property
    def connected(self) -> bool:
        return self.state == "Connected"


@dataclass(frozen=True, slots=True)
class RingLink:
    """One link of Corosync, from this node to another."""

    number: int
    address: str
    peer: int
    connected: bool


@dataclass(frozen=True, slots=True)
class Interface:
    name: str
    carrier: bool
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Postgres:
    """The server of this node; positions in the log (LSN) are numbers of bytes."""

    in_recovery: bool
    received: int | None
    replayed: int | None


@dataclass(frozen=True, slots=True)
class Standby:
    """A row of pg_stat_replication: one standby as its primary sees it."""

    name: str
    state: str
    sync_state: str
    current: int | None
    flushed: int | None

    @property
    def streaming(self) -> bool:
        return self.state == "streaming"

    @property
    def behind(self) -> int | None:
        """Bytes that the standby has not made durable yet."""
        return None if self.current is None or self.flushed is None else max(0, self.current - self.flushed)


@dataclass(frozen=True, slots=True)
class Receiver:
    """The row of pg_stat_wal_receiver: what a standby hears from its primary."""

    status: str
    timeline: int | None
    flushed: int | None
    skew: float | None
    """Seconds by which this node's clock is ahead of the primary's, the way of the message included."""

    @property
    def streaming(self) -> bool:
        return self.status == "streaming"


@dataclass(frozen=True, slots=True)
class ControlData:
    """pg_controldata: what the files say, also of a server that is down. They do not say whether it runs."""

    system: str
    state: str
    timeline: int
    position: int | None = None
    """At least so far its log goes; None where it is not told."""


@dataclass(frozen=True, slots=True)
class Clock:
    synchronised: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One of the node's own services, as it judges itself; the sentence is English, for the operator."""

    name: str
    good: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk and what of ours lies on it; sizes in bytes."""

    parts: tuple[str, ...]
    total: int
    free: int


@dataclass(frozen=True, slots=True)
class Services:
    """The node's own programs and disks. `heard`: how many calls it heard end, by the minute (since 1970)."""

    checks: tuple[Check, ...]
    disks: tuple[Disk, ...]
    heard: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class NodeView:
    """What one node sees, asked at one moment."""

    name: str
    configuration: Configuration | Unknown
    pacemaker: Pacemaker | NotRunning | Unknown
    quorum: Quorum | NotRunning | Unknown
    links: tuple[RingLink, ...] | NotRunning | Unknown
    interfaces: tuple[Interface, ...] | Unknown
    drbd: Drbd | NotRunning | Unknown
    postgres: Postgres | NotRunning | Unknown
    standbys: tuple[Standby, ...] | NotRunning | Unknown
    receiver: Receiver | NotRunning | Unknown
    control: ControlData | Unknown
    clock: Clock | Unknown
    services: Services | Unknown | None = None
    """None: nobody asked them."""
    marks: frozenset[str] | Unknown = Unknown(Why.MISSING, "Nobody looked for marks in the database's folders.")
    """Files whose mere presence says something: standby.signal, backup_label, PGSQL.lock."""
    witness: Witness | NotRunning | Unknown | None = None
    """None: none is configured, or nobody asked."""
    rejoin: Verdict | None = None
    """Of a database that is off and was the active one; None where the question does not arise, or nobody asked it."""


@dataclass(frozen=True, slots=True)
class Alone:
    """A machine without a cluster's configuration."""

    name: str
    lost_its_cluster: bool = False
    """Whether it was told that it belongs to one."""


@dataclass(frozen=True, slots=True)
class NodeLink:
    """What the way to the other node and back told. `skew`: seconds by which its clock is ahead of this one's."""

    release: str
    own_release: str
    round_trip: float
    skew: float


@dataclass(frozen=True, slots=True)
class ClusterView:
    """What is judged: this node's view, and the peer's own report where there is one (None: nobody asked it)."""

    own: NodeView
    peer: NodeView | Unknown | None = None
    link: NodeLink | Unknown | None = None
    """The link that the peer's report came by; None where the nodes are not paired, or the report came otherwise."""
    apart: float = 0.0
    """Seconds between the two reports: what one says may be over when the other one is made."""
