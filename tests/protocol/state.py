"""What two nodes, their disks and their links can be, as values: one call's packets are the bits of a number."""

from typing import NamedTuple

T = -1  # in the place of a row: a tombstone
NAMES = ("North", "South")
CONTENTS = 8  # so a call has up to three packets


class Node(NamedTuple):
    up: bool = True
    role: str = "S"  # A active, S standby, O out: up, and not (yet) a member in good order
    alone: bool = False  # wrote its DRBD device while the peer did not get the writes
    bad: bool = False  # Inconsistent: a sync towards this node has not finished
    blank: bool = False  # new disks, no database


class Copy(NamedTuple):
    """What one node holds of one call: its spool, its copy of the library, its copy of the database's row."""

    spool: int = 0
    put: tuple[int, int] = (0, 0)  # version and content as which settle put the entry by; 0: settle has not yet
    plan: tuple[int, int, bool] = (0, 0, False)  # in memory: content and version that settle prepares; published?
    lib: int = 0  # files: the bit of each is `file(version, content)`
    row: int = 0  # the packets of the stored version; T a tombstone, 0 no row
    version: int = 0
    cert: bool = False
    awaiting: bool = False  # the row has no good file (T2)
    former: int = 0  # files of former versions that the database still names
    erased: bool = False  # of a tombstone: its files are gone

    @property
    def stored(self) -> tuple[int, int, bool, bool, int, bool]:
        """What the database has, and ships as one."""
        return self.row, self.version, self.cert, self.awaiting, self.former, self.erased


class Call(NamedTuple):
    sent: int = 0  # packets so far; one more than there are: it has ended
    seen: tuple[int, int] = (0, 0)  # what each node's port delivered, and no double failure waived
    gone: int = 0  # 1 a deletion was asked for, 2 the user was told that it is done
    at: tuple[Copy, Copy] = (Copy(), Copy())


class State(NamedTuple):
    nodes: tuple[Node, Node]
    calls: tuple[Call, ...]
    lead: int = 0  # whose database the other one follows
    parted: bool = False  # the databases have parted
    ticket: tuple[int, bool, bool] | None = None  # an open recovery: loser, handed over, database restored
    drbd: str = "C"  # C connected, Z cut and the standby does not know, D disconnected, S syncing, B split brain
    pg: bool = True
    cl: bool = True
    dl: bool = True  # DRBD's link
    faults: int = 0
    holes: int = 0
    deletes: int = 0
    destroyed: int = 0  # how many nodes may still be destroyed

    def node(self, n: int, **changes: object) -> "State":
        nodes = list(self.nodes)
        nodes[n] = nodes[n]._replace(**changes)  # type: ignore[arg-type]
        return self._replace(nodes=(nodes[0], nodes[1]))

    def call(self, c: int, **changes: object) -> "State":
        return self._replace(calls=(*self.calls[:c], self.calls[c]._replace(**changes), *self.calls[c + 1 :]))  # type: ignore[arg-type]

    def copy(self, c: int, n: int, **changes: object) -> "State":
        at = list(self.calls[c].at)
        at[n] = at[n]._replace(**changes)  # type: ignore[arg-type]
        return self.call(c, at=(at[0], at[1]))

    def touched(self, n: int) -> "State":
        """Node n writes its device."""
        return self if self.drbd in "CS" else self.node(n, alone=True)

    def reached(self, n: int) -> tuple[int, ...]:
        """The nodes whose disks get what n writes."""
        return (n, 1 - n) if self.drbd in "CS" else (n,)

    def write(self, c: int, n: int, files: int) -> "State":
        s = self.touched(n)
        for x in s.reached(n):
            s = s.copy(c, x, lib=s.calls[c].at[x].lib | files)
        return s

    def remove(self, c: int, n: int, files: int) -> "State":
        s = self.touched(n)
        for x in s.reached(n):
            s = s.copy(c, x, lib=s.calls[c].at[x].lib & ~files)
        return s

    def take_rows(self, c: int, n: int) -> "State":
        """The database of node n gets the other one's row of this call."""
        there = self.calls[c].at[1 - n]
        names = ("row", "version", "cert", "awaiting", "former", "erased")
        return self.copy(c, n, **dict(zip(names, there.stored, strict=True)))

    @property
    def healthy(self) -> bool:
        roles = sorted(node.role for node in self.nodes)
        whole = self.drbd == "C" and self.pg and self.cl
        return roles == ["A", "S"] and whole and not self.parted and not self.ticket

    def follows(self, n: int) -> bool:
        """Whether node n, a standby, gets the rows of the other one now."""
        node = self.nodes[n]
        return node.up and node.role == "S" and self.pg and not self.parted


class Bounds(NamedTuple):
    calls: int = 1
    packets: int = 1
    faults: int = 1  # power losses, failures of services, cuts
    holes: int = 0  # packets that one port misses although its node is up
    deletes: int = 0
    destroyed: int = 0

    def start(self) -> State:
        nodes = Node(role="A"), Node()
        left = {"faults": self.faults, "holes": self.holes, "deletes": self.deletes, "destroyed": self.destroyed}
        return State(nodes, (Call(),) * self.calls, **left)  # type: ignore[arg-type]


def file(version: int, content: int) -> int:
    """The files of a version; like the product's, named by version and content."""
    return 1 << (CONTENTS * version + content)


def own(copy: Copy) -> int:
    """The files that the row names."""
    return file(copy.version, copy.row) if copy.row > 0 else 0


def backed(copy: Copy) -> int:
    """The packets of the row, if its file is there."""
    return copy.row if copy.lib & own(copy) else 0


def canonical(s: State) -> State:
    """Calls are interchangeable, and so are the nodes."""
    calls = [call._replace(seen=call.seen[::-1], at=call.at[::-1]) for call in s.calls]
    ticket = s.ticket and (1 - s.ticket[0], *s.ticket[1:])
    other = s._replace(nodes=s.nodes[::-1], lead=1 - s.lead, ticket=ticket, calls=tuple(sorted(calls)))
    return min(s._replace(calls=tuple(sorted(s.calls))), other, key=_order)


def _order(s: State) -> tuple[object, ...]:
    return s.nodes, s.calls, s.lead, s.ticket or ()
