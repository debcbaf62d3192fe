"""A machine that is being set up, behind the root helper's door: orders change it, and it can be looked at."""

from dataclasses import dataclass, field
from typing import Any

from cluster.commands import Command
from cluster.pacemaker_types import Pacemaker, PacemakerNode, Resource, ResourceKind, ResourceRole
from cluster.setup.seen import Place, Seen
from cluster.setup.steps import Work


class Dangerous(AssertionError):
    """Something of somebody's would have been lost."""


@dataclass
class FakeMachine:
    """`name`: its own among myrec1, myrec2."""

    name: str = "myrec1"
    full: bool = False
    names: bool = False
    made: bool = False
    up: bool = False
    primary: bool = False
    disk: str = "Inconsistent"
    signature: str = ""
    mounted: bool = False
    library_aside: bool = False
    server_config: str = "/var/lib/postgresql/15/main"
    folders: set[str] = field(default_factory=set)
    server: bool = False
    pacemaker: bool = False
    resources: bool = False
    joined: bool = False
    written: set[str] = field(default_factory=set)
    worked: list[str] = field(default_factory=list)
    switched: bool = False
    database: Place = Place.OWN
    library: Place = Place.OWN
    role: str = "standalone"
    activated: bool = False
    before: bool = False

    def seen(self) -> Seen:
        return Seen(
            full=self.full,
            names=self.names,
            copy=f"{self.disk}/DUnknown" if self.made else "",
            role=("Primary/Unknown" if self.primary else "Secondary/Unknown") if self.up else "",
            signature=self.signature,
            mounted=self.mounted,
            library_mounted=self.resources,
            library_aside=self.library_aside,
            server_config=self.server_config,
            folders=frozenset(self.folders),
            server=self.server,
            copying=False,
            pacemaker=self._cluster() if self.pacemaker else None,
            activated=self.activated,
            standalone=self.role == "standalone",
            switched=self.switched,
            database=self.database,
            library=self.library,
            before=self.before,
        )

    @property
    def is_lone(self) -> bool:
        """Whether it works alone, with all that was its own."""
        own = self.database is self.library is Place.OWN
        return own and self.role == "standalone" and not (self.full or self.switched or self.pacemaker)

    def do(self, todo: Command | Work) -> None:
        if isinstance(todo, Work):
            self._work(todo.name)
            return
        order: Any = todo.order
        values = dict(order.values)
        getattr(self, "_" + order.verb.replace("-", "_"))(values)

    def _work(self, name: str) -> None:
        self.worked.append(name)
        getattr(self, "_do_" + name, lambda: None)()

    def _do_library(self) -> None:
        if not self.mounted:
            raise Dangerous("recordings would be copied to the machine's own disk")

    def _do_move(self) -> None:
        if not self.server:
            raise Dangerous("there is no database to move to")
        self.full = self.switched = True

    def _do_leave(self) -> None:
        self.full = self.switched = True

    def _do_aside(self) -> None:
        self.library_aside = True
        self.database = self.library = Place.ASIDE
        self.role = "standalone" if self.name == "myrec1" else "secondary"

    def _do_finish(self) -> None:
        self.role = "primary" if self.name == "myrec1" else "secondary"

    def _do_compare(self) -> None:
        if not self.server:
            raise Dangerous("nothing to compare with")
        self.server = False

    def _do_back(self) -> None:
        if self.pacemaker:
            raise Dangerous("the volume may be mounted there")
        self.database = self.library = Place.OWN
        self.role, self.library_aside = "standalone", False

    def _do_return(self) -> None:
        if self.database is not Place.OWN:
            raise Dangerous("the lone machine would begin with an empty database")
        self.full = self.switched = False

    def _write(self, name: str) -> None:
        self.written.add(name)

    def _hosts(self, _values: dict[str, Any]) -> None:
        self.names = True

    def _corosync_config(self, _values: dict[str, Any]) -> None:
        self._write("corosync.conf")

    def _corosync_key(self, _values: dict[str, Any]) -> None:
        self._write("authkey")

    def _drbd_config(self, _values: dict[str, Any]) -> None:
        self._write("r0.res")

    def _drbd_create(self, _values: dict[str, Any]) -> None:
        if self.made:
            raise Dangerous("DRBD's own data would be lost")
        self.made = True

    def _drbd_device(self, values: dict[str, Any]) -> None:
        if self.pacemaker:
            raise Dangerous("Pacemaker looks after this")
        match values["action"]:
            case "up":
                self.up = True
            case "down":
                if self.mounted:
                    raise Dangerous("the device is in use")
                self.up = self.primary = False
            case "primary":
                if self.disk != "UpToDate":
                    raise Dangerous("a copy that is not good")
                self.primary = True

    def _drbd_first(self, _values: dict[str, Any]) -> None:
        if self.disk != "Inconsistent":
            raise Dangerous("the copy was good before")
        self.primary, self.disk = True, "UpToDate"

    def _volume_make(self, _values: dict[str, Any]) -> None:
        if self.signature:
            raise Dangerous("recordings would be lost")
        self.signature = "ext4"

    def _volume(self, values: dict[str, Any]) -> None:
        self.mounted = values["action"] == "mount"

    def _database_make_way(self, _values: dict[str, Any]) -> None:
        self.server_config = ""
        self.before = True

    def _database_create(self, _values: dict[str, Any]) -> None:
        self.server_config = "/database/db/main"
        self.folders.add("main")

    def _database_files(self, _values: dict[str, Any]) -> None:
        self._write("pg_hba.conf")

    def _database_server(self, values: dict[str, Any]) -> None:
        if self.pacemaker:
            raise Dangerous("Pacemaker looks after this")
        self.server = values["action"] == "start"

    def _database_roles(self, _values: dict[str, Any]) -> None:
        self._write("roles")

    def _database_copy(self, _values: dict[str, Any]) -> None:
        self.folders.add("main.whole")

    def _database_take(self, values: dict[str, Any]) -> None:
        match values["part"]:
            case "aside":
                self.folders.remove("main")
                self.folders.add("main.empty")
            case "in":
                self.folders.remove("main.whole")
                self.folders.add("main")
            case "standby":
                self._write("standby.signal")

    def _redis(self, _values: dict[str, Any]) -> None:
        self._write("redis")

    def _pacemaker_first(self, _values: dict[str, Any]) -> None:
        self._write("cib.xml")

    def _pacemaker(self, _values: dict[str, Any]) -> None:
        if self.up or self.server or self.mounted:
            raise Dangerous("something runs that Pacemaker would start")
        self.pacemaker = self.joined = True

    def _resources(self, _values: dict[str, Any]) -> None:
        self.resources = True
        self.activated = self.name == "myrec1"

    def _undo_stop(self, _values: dict[str, Any]) -> None:
        if self.activated:
            raise Dangerous("it serves")
        self.pacemaker = False

    def _undo_switch(self, _values: dict[str, Any]) -> None:
        self._work("return")

    def _lone(self) -> None:
        if not self.is_lone:
            raise Dangerous("its only copy may go")

    def _undo_drbd(self, _values: dict[str, Any]) -> None:
        self._lone()
        if self.up or self.mounted or self.name != "myrec1":
            raise Dangerous("the device is in use, or the only copy")
        self.made, self.signature, self.disk = False, "", "Inconsistent"

    def _undo_drbd_config(self, _values: dict[str, Any]) -> None:
        self._lone()
        self.written -= {"r0.res"}

    def _undo_copy(self, _values: dict[str, Any]) -> None:
        self._lone()

    def _undo_database(self, _values: dict[str, Any]) -> None:
        self._lone()
        if self.server:
            raise Dangerous("the server runs")
        self.folders, self.server_config = {"given-up"}, ""
        self.written -= {"pg_hba.conf", "roles", "standby.signal"}

    def _undo_make_way(self, _values: dict[str, Any]) -> None:
        self.server_config, self.before = "/var/lib/postgresql/15/main", False

    def _undo_redis(self, _values: dict[str, Any]) -> None:
        self.written -= {"redis"}

    def _undo_ring(self, _values: dict[str, Any]) -> None:
        self._lone()
        self.written -= {"corosync.conf", "authkey", "cib.xml"}

    def _undo_hosts(self, _values: dict[str, Any]) -> None:
        self.names = False

    def _cluster(self) -> Pacemaker:
        node = PacemakerNode(self.name, True, False, False, False, False, False)
        serves = self.resources
        resources = (
            (
                Resource("postgresql", ResourceKind.DATABASE, ResourceRole.PROMOTED, (self.name,), True, False, False),
                Resource("active", ResourceKind.SERVICE, ResourceRole.STARTED, (self.name,), True, False, False),
            )
            if serves
            else ()
        )
        attributes = {self.name: {"postgresql-status": "PRI" if serves else "HS:async"}}
        return Pacemaker(True, True, False, False, False, (node,), resources, attributes, ())
