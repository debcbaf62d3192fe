"""The verbs of the set-up: names, DRBD, the volume, Redis, Apresa's own settings and units, Pacemaker's beginning.

Whatever could overwrite somebody's data asks the disk itself right before (law 7)."""

import re
from collections.abc import Mapping
from typing import Any

from apresa_helper import setting_up_values as own
from apresa_helper import values
from apresa_helper.deeds import Chain, Deed, Edit, Run, Verb, Write

DRBDADM = "/sbin/drbdadm"
SYSTEMCTL = "/bin/systemctl"
INSTALL = "/usr/bin/install"
WIPEFS = "/sbin/wipefs"
VOLUME = "/var/lib/apresa/cluster/volume"  # where the library is filled before it is in use
CRM_FILE = "/etc/apresa/cluster.crm"
UNITS = ("apresa-web", "apresa-node", "apresa-record", "apresa-link")
REDIS_LINE = b"include /etc/redis/apresa.conf\n"
BEGIN, END = "# Apresa's cluster: begin", "# Apresa's cluster: end"
BLANK = re.compile("")
IDLE = re.compile(r"(inactive|failed|unknown)\n?", re.ASCII)
NEVER_GOOD = re.compile(r"Inconsistent(/(DUnknown|Inconsistent))?\s*", re.ASCII)
NOT_BLANK = "There is something on {0} already; it is not overwritten."


def _members(given: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    return values.members(given["members"])


def _hosts(given: Mapping[str, Any]) -> Deed:
    values.only(given, "members")
    members = _members(given)
    return Edit("/etc/hosts", lambda before: hosts(before, members))


def hosts(before: bytes, members: list[tuple[str, list[str]]]) -> bytes:
    """Our block at the end; Debian's "127.0.1.1 NAME" goes, by which a node would know itself alone."""
    names = {name for name, _ in members}
    kept = [_without(line, names) for line in outside(before.decode("utf-8", "surrogateescape").splitlines())]
    block = [BEGIN, *(f"{links[0]} {name}" for name, links in members), END]
    lines = [line for line in kept if line is not None]
    return ("\n".join([*lines, *block]) + "\n").encode("utf-8", "surrogateescape")


def outside(lines: list[str]) -> list[str]:
    """All but our block."""
    kept, inside = [], False
    for line in lines:
        if line in (BEGIN, END):
            inside = line == BEGIN
        elif not inside:
            kept.append(line)
    return kept


def _without(line: str, names: set[str]) -> str | None:
    words = line.partition("#")[0].split()
    if not words or not words[0].startswith("127.") or not names & set(words[1:]):
        return line
    left = [word for word in words[1:] if word.split(".")[0] not in names]
    return " ".join([words[0], *left]) if left else None


def _drbd_config(given: Mapping[str, Any]) -> Deed:
    values.only(given, "members", "device", "disk", "secret")
    nodes = "".join(
        f"    on {name} {{ address {_endpoint(links[-1])}; }}\n" for name, links in _members(given)
    )  # the last link is the one between the nodes alone, where there is one
    text = own.filled(
        "drbd/r0.res",
        {
            "device": own.device(given["device"]),
            "disk": own.disk(given["disk"]),
            "secret": own.word(given["secret"]),
            "nodes": nodes,
        },
    )
    return Write("/etc/drbd.d/r0.res", text, 0o600)


def _endpoint(address: str) -> str:
    return f"ipv6 [{address}]:7788" if ":" in address else f"{address}:7788"


def _drbd_create(given: Mapping[str, Any]) -> Deed:
    values.only(given, "disk")
    disk = own.disk(given["disk"])
    create = (DRBDADM, "create-md", "--force", "r0")
    return Run(create, 300.0, (WIPEFS, "-n", "-i", "-O", "TYPE", disk), BLANK, NOT_BLANK.format(disk))


def _drbd_device(given: Mapping[str, Any]) -> Deed:
    """Only while Pacemaker does not look after it."""
    values.only(given, "action")
    action = values.one_of(given["action"], "action", ("up", "down", "primary", "secondary"))
    return at_rest((DRBDADM, action, "r0"), 120.0)


def _drbd_first(given: Mapping[str, Any]) -> Deed:
    """The first node's copy becomes the good one: only where it never was good, nor the other's."""
    values.only(given)
    refusal = "This copy of the recordings was good before, or nobody can tell: it is not forced."
    return Run((DRBDADM, "primary", "--force", "r0"), 120.0, (DRBDADM, "dstate", "r0"), NEVER_GOOD, refusal)


def _volume_make(given: Mapping[str, Any]) -> Deed:
    values.only(given, "device")
    device = own.device(given["device"])
    make = ("/sbin/mkfs.ext4", "-q", "-L", "apresa", device)
    return Run(make, 1800.0, (WIPEFS, "-n", "-i", "-O", "TYPE", device), BLANK, NOT_BLANK.format(device))


def _volume(given: Mapping[str, Any]) -> Deed:
    """Mounted apart, for the library to be filled. The folder on it is the service's."""
    values.only(given, "device", "action")
    device = own.device(given["device"])
    if values.one_of(given["action"], "action", ("mount", "unmount")) == "unmount":
        return Run((*own.OUTSIDE, "/bin/umount", VOLUME), 300.0)
    how = ("--bind",) if device == own.STAND_IN else ("-t", "ext4", "-o", "noatime")
    folder = Run((INSTALL, "-d", "-o", "apresa", "-g", "apresa", "-m", "750", VOLUME), 10.0)
    return Chain((folder, Run((*own.OUTSIDE, "/bin/mount", *how, device, VOLUME), 300.0), folder))


def _redis(given: Mapping[str, Any]) -> Deed:
    values.only(given)
    return Chain(
        (
            Write("/etc/redis/apresa.conf", own.filled("redis/apresa.conf", {}), 0o644),
            Edit("/etc/redis/redis.conf", _included),
            Run((SYSTEMCTL, "enable", "redis-server"), 60.0),
            Run((SYSTEMCTL, "restart", "redis-server"), 60.0),
        )
    )


def _included(before: bytes) -> bytes:
    return before if REDIS_LINE in before else before.rstrip(b"\n") + b"\n" + REDIS_LINE


def _switch(given: Mapping[str, Any]) -> Deed:
    """From one machine's service to a node's units. The settings file decides which of them may run, so a machine that
    loses its power in between starts the right ones; starting the new ones stops the old one."""
    values.only(given, "members", "floating")
    names = [word for name, links in _members(given) for word in (name, links[0])]
    every = ", ".join(f'"{word}"' for word in (values.address(given["floating"]), *names))
    return Chain(
        (
            Run((SYSTEMCTL, "disable", "corosync", "pacemaker"), 60.0),  # a node never joins by itself
            Run((SYSTEMCTL, "enable", *UNITS), 60.0),
            Write("/etc/apresa/cluster.toml", own.filled("apresa/cluster.toml", {"hosts": every}), 0o644),
            Run((SYSTEMCTL, "start", "--no-block", *UNITS), 60.0),
        )
    )


def _pacemaker_first(given: Mapping[str, Any]) -> Deed:
    """An empty cluster that does not wait 20 s for others at its very first start."""
    values.only(given)
    return Write("/var/lib/pacemaker/cib/cib.xml", own.filled("pacemaker/cib.xml", {}), 0o600, "hacluster", True)


def _resources(given: Mapping[str, Any]) -> Deed:
    values.only(given, "members", "floating", "prefix", "interface", "device", "mode")
    address, prefix = own.floating(given["floating"], given["prefix"])
    device = own.device(given["device"])
    kind, options = ("none", "bind") if device == own.STAND_IN else ("ext4", "noatime")
    text = own.filled(
        "pacemaker/cluster.crm",
        {
            "nodes": " ".join(name for name, _ in _members(given)),
            "floating": address,
            "prefix": prefix,
            "interface": own.interface(given["interface"]),
            "device": device,
            "directory": own.LIBRARY,
            "file_system": kind,
            "options": options,
            "mode": values.one_of(given["mode"], "mode", ("async", "sync")),
        },
    )
    load = (*own.OUTSIDE, "/usr/sbin/crm", "configure", "load", "update", CRM_FILE)
    return Chain((Write(CRM_FILE, text, 0o644), Run(load, 240.0)))


def _look(given: Mapping[str, Any]) -> Deed:
    """What the set-up must know before it begins."""
    values.only(given, "what", "name")
    what = values.one_of(given["what"], "what", ("disk", "device", "address", "copy", "role"))
    if what in {"disk", "device"}:
        name = own.disk(given["name"]) if what == "disk" else own.device(given["name"])
        return Run((WIPEFS, "-n", "-i", "-O", "TYPE", name), 20.0, changes=False)
    if what in {"copy", "role"}:
        return Run((DRBDADM, "dstate" if what == "copy" else "role", "r0"), 10.0, changes=False)
    where, _, address = str(given["name"]).partition(" ")
    ask = ("/usr/bin/arping", "-D", "-q", "-c", "2", "-w", "3", "-I", own.interface(where))
    return Run((*ask, values.address(address)), 10.0, changes=False)


def at_rest(argv: tuple[str, ...], seconds: float) -> Run:
    """Only while Pacemaker does not run here."""
    refusal = "Pacemaker runs on this machine and looks after this itself."
    return Run(argv, seconds, (SYSTEMCTL, "is-active", "pacemaker"), IDLE, refusal, guard_code=3)


VERBS: Mapping[str, Verb] = {
    "drbd-config": _drbd_config,
    "drbd-create": _drbd_create,
    "drbd-device": _drbd_device,
    "drbd-first": _drbd_first,
    "hosts": _hosts,
    "pacemaker-first": _pacemaker_first,
    "redis": _redis,
    "resources": _resources,
    "set-up-look": _look,
    "switch": _switch,
    "volume": _volume,
    "volume-make": _volume_make,
}
SECRET = frozenset({"secret"})
