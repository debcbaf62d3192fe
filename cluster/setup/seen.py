"""What the set-up sees of its own machine between two orders. "None" stands for what nobody can tell."""

from dataclasses import dataclass
from enum import Enum

from cluster.pacemaker_types import Pacemaker, ResourceKind, ResourceRole


class Place(Enum):
    """Where something of the lone machine's lies: where it always was, put aside by the set-up, or neither."""

    OWN = "own"
    ASIDE = "aside"
    BOTH = "both"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Seen:
    full: bool
    """Whether this very process belongs to a node's units already, and no longer to the lone machine's service."""
    names: bool
    """Whether both names lead to the addresses of the answers."""
    copy: str | None
    """DRBD's words on its two copies, "" where this machine has none yet."""
    role: str
    """DRBD's role here; "" while the resource is down."""
    signature: str | None
    """What lies on DRBD's device."""
    mounted: bool
    """Whether the volume is mounted apart, to be filled."""
    library_mounted: bool
    library_aside: bool
    """Whether the library of the lone machine was put aside."""
    server_config: str
    """The data directory of the database server called "main"; "" where there is no such server."""
    folders: frozenset[str]
    """What lies beside the database's directory."""
    server: bool
    """Whether a database server answers at the local socket."""
    copying: bool
    pacemaker: Pacemaker | None
    """None while Pacemaker does not run here."""
    activated: bool = False
    """Whether this machine ever was the active node of this cluster: then calls may lie in its database alone."""
    standalone: bool = True
    """Whether it knows itself as a machine that works alone."""
    switched: bool = False
    """Whether the settings file is there by which the node's units start instead of the lone machine's."""
    database: Place = Place.OWN
    library: Place = Place.OWN
    before: bool = False
    """Whether Debian's own database server was put aside."""

    def serves(self, name: str) -> bool:
        """Whether everything that runs once runs on that node."""
        if self.pacemaker is None or self.pacemaker.promoted(ResourceKind.DATABASE) != {name}:
            return False
        services = self.pacemaker.of_kind(ResourceKind.SERVICE)
        return bool(services) and all(one.role is ResourceRole.STARTED and one.nodes == (name,) for one in services)

    def follows(self, name: str) -> bool:
        """Whether that node's database follows the other's."""
        if self.pacemaker is None:
            return False
        return self.pacemaker.attributes.get(name, {}).get("postgresql-status", "").startswith("HS:")

    @property
    def elected(self) -> bool:
        """Whether Pacemaker has come so far that it takes orders."""
        return self.pacemaker is not None and self.pacemaker.has_controller
