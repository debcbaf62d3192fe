"""Every command of the set-up, as data. All of them need root, so each is a verb of the root helper."""

from dataclasses import dataclass
from typing import Any

from cluster.commands import Command, Order
from cluster.setup.answers import Plan, PlannedNode


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """What the pairing keeps; none of it is ever shown."""

    corosync_key: str
    drbd: str
    replication: str
    certificate: str
    authority: str
    key: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What one machine is set up as."""

    plan: Plan
    role: str
    secrets: Secrets

    @property
    def own(self) -> PlannedNode:
        return self.plan.node(self.role)

    @property
    def members(self) -> list[dict[str, Any]]:
        site = self.plan.site()
        return [{"name": one.name, "addresses": [str(address) for address in one.addresses]} for one in site.members]


def _order(verb: str, seconds: float = 60.0, **values: Any) -> Command:
    """Only the helper knows the program; `argv` says as what the order is known here."""
    return Command(verb, ("apresa-helper", verb), seconds=seconds, order=Order(verb, tuple(values.items())))


def hosts(one: Setting) -> Command:
    return _order("hosts", members=one.members)


def corosync(one: Setting) -> Command:
    return _order("corosync-config", members=one.members, token=one.plan.site().token)


def corosync_key(one: Setting) -> Command:
    return _order("corosync-key", key=one.secrets.corosync_key)


def drbd_config(one: Setting) -> Command:
    plan = one.plan
    return _order(
        "drbd-config", members=one.members, device=plan.volume.device, disk=plan.disk, secret=one.secrets.drbd
    )


def drbd_create(one: Setting) -> Command:
    return _order("drbd-create", 300.0, disk=one.plan.disk)


def drbd(action: str) -> Command:
    return _order("drbd-device", 240.0, action=action)


DRBD_FIRST = _order("drbd-first", 240.0)


def make_volume(one: Setting) -> Command:
    return _order("volume-make", 1800.0, device=one.plan.volume.device)


def volume(one: Setting, action: str) -> Command:
    return _order("volume", 300.0, device=one.plan.volume.device, action=action)


MAKE_WAY = _order("database-make-way", 240.0)
DATABASE_CREATE = _order("database-create", 320.0)
REDIS = _order("redis", 120.0)
PACEMAKER_FIRST = _order("pacemaker-first")


def database_files(one: Setting) -> Command:
    held = one.secrets
    return _order(
        "database-files",
        members=one.members,
        certificate=held.certificate,
        authority=held.authority,
        key=held.key,
        password=held.replication,
    )


def database_server(action: str) -> Command:
    return _order("database-server", 320.0, action=action)


def database_roles(one: Setting) -> Command:
    return _order("database-roles", password=one.secrets.replication)


def database_copy(one: Setting) -> Command:
    return _order("database-copy", 630.0, address=str(one.plan.node("primary").address.ip))


def database_take(part: str) -> Command:
    return _order("database-take", part=part)


def switch(one: Setting) -> Command:
    return _order("switch", 240.0, members=one.members, floating=str(one.plan.floating))


def resources(one: Setting) -> Command:
    site = one.plan.site()
    return _order(
        "resources",
        260.0,
        members=one.members,
        floating=str(site.floating.ip),
        prefix=site.floating.network.prefixlen,
        interface=site.interface,
        device=site.volume.device,
        mode=site.mode,
    )


def disk_look(name: str) -> Command:
    return _order("set-up-look", 20.0, what="disk", name=name)


def device_look(name: str) -> Command:
    return _order("set-up-look", 20.0, what="device", name=name)


def address_look(interface: str, address: str) -> Command:
    return _order("set-up-look", 15.0, what="address", name=f"{interface} {address}")


def drbd_look(what: str) -> Command:
    return _order("set-up-look", 15.0, what=what, name="")


# What takes a set-up back.
CLUSTER_STOP = _order("undo-stop", 240.0)
SWITCH_BACK = _order("undo-switch", 240.0)
DRBD_FORGET = _order("undo-drbd-config")
COPY_STOP = _order("undo-copy", 120.0)
DATABASE_ASIDE = _order("undo-database", 640.0)
DATABASE_BACK = _order("undo-make-way", 240.0)
REDIS_BACK = _order("undo-redis", 120.0)
RING_FORGET = _order("undo-ring")


def drbd_wipe(one: Setting) -> Command:
    return _order("undo-drbd", 120.0, disk=one.plan.disk)


def hosts_back(one: Setting) -> Command:
    return _order("undo-hosts", name=one.own.name)


DATABASE_OTHERS = _order("database-others", 25.0)
# 3: it does not run
COPYING = Command("copying", ("systemctl", "is-active", "apresa-first-copy"))
