"""The verbs that take a set-up back: the service of a lone machine begins, only then what the cluster had goes.

Nothing that holds data goes while the settings file of the cluster is there (law 7)."""

import re
from collections.abc import Mapping
from typing import Any

from apresa_helper import setting_up, setting_up_database, values
from apresa_helper import setting_up_values as own
from apresa_helper.deeds import Chain, Deed, Edit, Run, Verb, Write

SYSTEMCTL, FIND, REMOVE = "/bin/systemctl", "/usr/bin/find", ("/bin/rm", "-f")
SETTINGS = "/etc/apresa/cluster.toml"
GIVEN_UP = f"{setting_up_database.FOLDER}/given-up"
LONE = Run(("/usr/bin/test", "!", "-e", SETTINGS), 5.0)
"""Stops a chain on a machine that still is a node."""


def _stop(given: Mapping[str, Any]) -> Deed:
    values.only(given)
    return Run((SYSTEMCTL, "stop", "pacemaker", "corosync"), 200.0)


def _switch(given: Mapping[str, Any]) -> Deed:
    """From a node's units to one machine's service. Without the settings file a machine that loses its power in between
    starts the right one; starting it stops those that cannot run beside it."""
    values.only(given)
    return Chain(
        (
            Run((*REMOVE, SETTINGS), 5.0),
            Run(("/bin/sync", "/etc/apresa"), 30.0),
            Run((SYSTEMCTL, "disable", *setting_up.UNITS), 60.0),
            Run((SYSTEMCTL, "stop", "--no-block", "apresa-link"), 10.0),
            Run((SYSTEMCTL, "start", "--no-block", "apresa"), 60.0),
        )
    )


def _drbd(given: Mapping[str, Any]) -> Deed:
    """The partition is blank again, as it was: only the one that r0 names, and only while DRBD does not use it."""
    values.only(given, "disk")
    disk = own.disk(given["disk"])
    drbdadm = setting_up.DRBDADM
    refusal = f"DRBD's r0 is not on {disk}, or nobody can tell: it is left as it is."
    wipe = Run((drbdadm, "wipe-md", "--force", "r0"), 60.0, (drbdadm, "sh-ll-dev", "r0"), _line(disk), refusal)
    return Chain((LONE, setting_up.at_rest(("/bin/true",), 5.0), wipe, Run((setting_up.WIPEFS, "-a", disk), 30.0)))


def _line(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text) + r"\n?", re.ASCII)


def _drbd_config(given: Mapping[str, Any]) -> Deed:
    values.only(given)
    return Chain((LONE, Run((*REMOVE, "/etc/drbd.d/r0.res"), 5.0)))


def _copy(given: Mapping[str, Any]) -> Deed:
    values.only(given)
    return Run((SYSTEMCTL, "stop", setting_up_database.COPY), 100.0)


def _database(given: Mapping[str, Any]) -> Deed:
    """The server's content is kept beside, until the next time; its configuration, which is ours, goes."""
    values.only(given)
    folder, owned = setting_up_database.FOLDER, setting_up_database.OWNED
    every = (FIND, folder, "-mindepth", "1", "-maxdepth", "1", "-name", "main*")
    return Chain(
        (
            LONE,
            setting_up.at_rest((FIND, folder, "-depth", "-path", f"{GIVEN_UP}/*", "-delete"), 600.0),
            Run((setting_up.INSTALL, "-d", *owned, "-m", "700", GIVEN_UP), 10.0),
            Run((*every, "-exec", "/bin/mv", "-t", GIVEN_UP, "{}", "+"), 60.0),
            Run((*REMOVE, setting_up_database.PASSWORDS), 5.0),
            Run((FIND, setting_up_database.CONFIG, "-delete"), 10.0),
        )
    )


def _make_way(given: Mapping[str, Any]) -> Deed:
    """Debian's own server has its place and its name again."""
    values.only(given)
    back = ("/usr/bin/pg_renamecluster", "15", "before_apresa", "main")
    return Chain(
        (LONE, Run(back, 120.0), Write(f"{setting_up_database.CONFIG}/start.conf", b"auto\n", 0o644, "postgres"))
    )


def _redis(given: Mapping[str, Any]) -> Deed:
    """A Redis that does not start (masked, even) may be why it is given up: only one that runs gets its settings back
    at once, and nobody waits for it, as a lone machine needs none."""
    values.only(given)
    return Chain(
        (
            LONE,
            Edit("/etc/redis/redis.conf", lambda before: before.replace(setting_up.REDIS_LINE, b"")),
            Run((*REMOVE, "/etc/redis/apresa.conf"), 5.0),
            Run((SYSTEMCTL, "try-restart", "--no-block", "redis-server"), 60.0),
        )
    )


def _ring(given: Mapping[str, Any]) -> Deed:
    """Without these a machine has no cluster that it could join."""
    values.only(given)
    files = ("/etc/corosync/corosync.conf", "/etc/corosync/authkey", setting_up.CRM_FILE)
    kept = "/var/lib/pacemaker/cib"
    return Chain(
        (LONE, Run((*REMOVE, *files), 5.0), setting_up.at_rest((FIND, kept, "-mindepth", "1", "-delete"), 30.0))
    )


def _hosts(given: Mapping[str, Any]) -> Deed:
    values.only(given, "name")
    name = values.node(given["name"])
    return Edit("/etc/hosts", lambda before: hosts(before, name))


def hosts(before: bytes, name: str) -> bytes:
    """Without our block; the machine's own name leads to itself again, as Debian's installer has it."""
    lines = before.decode("utf-8", "surrogateescape").splitlines()
    if setting_up.BEGIN not in lines:
        return before
    kept = setting_up.outside(lines)
    if not any(name in line.partition("#")[0].split()[1:] for line in kept):
        kept.append(f"127.0.1.1 {name}")
    return ("\n".join(kept) + "\n").encode("utf-8", "surrogateescape")


VERBS: Mapping[str, Verb] = {
    "undo-copy": _copy,
    "undo-database": _database,
    "undo-drbd": _drbd,
    "undo-drbd-config": _drbd_config,
    "undo-hosts": _hosts,
    "undo-make-way": _make_way,
    "undo-redis": _redis,
    "undo-ring": _ring,
    "undo-stop": _stop,
    "undo-switch": _switch,
}
