"""From two bare nodes to a cluster, step by step, as the set-up will do it: first the primary, then the secondary."""

import ipaddress
import secrets

from cluster.setup import render
from cluster.setup.site import Member, Site, Volume
from tests.lab.cluster import state
from tests.lab.cluster.node import Node
from tests.lab.cluster.place import CHECKOUT, FLOATING, NUMBERS, address, name

DATA = "/database/db/main"
CONFIG = "/etc/postgresql/15/main"
PG_CTL = (
    f"/usr/lib/postgresql/15/bin/pg_ctl -w -s -D {DATA} -o '-c config_file={CONFIG}/postgresql.conf' -l /tmp/pg.log"
)
LIBRARY = "/var/lib/apresa/library"
COPY = "/var/lib/drbd-standin/r0"
MANAGE = "cd /opt/apresa && runuser -u apresa -- env APRESA_CONFIG=/etc/apresa/apresa.toml .venv/bin/python manage.py"
PROGRAMS = "apresa-helper.socket apresa-web apresa-node apresa-record"
LONG = 300.0  # seconds for a step that waits for the cluster: several medians


def site() -> Site:
    first, second = (Member(name(number), (ipaddress.ip_address(address(number)),)) for number in NUMBERS)
    return Site(
        members=(first, second),
        floating=ipaddress.ip_interface(f"{FLOATING}/24"),
        interface="eth0",
        volume=Volume(COPY, LIBRARY, "none", "bind"),
    )


def configure(primary: Node, secondary: Node) -> None:
    """Does nothing where it was done. Raises LabError."""
    if (secondary.root / "etc/apresa/lab-done").exists():
        return
    made = {
        "corosync": secrets.token_bytes(256),
        "django": secrets.token_urlsafe(48).encode(),
        "replication": secrets.token_urlsafe(24).encode(),
    }
    for node in (primary, secondary):
        _files(node, made)
    _first_database(primary, made["replication"].decode())
    _first_library(primary)
    _start_cluster(primary)
    state.wait("the primary serves", primary, lambda seen: seen.active == primary.name and seen.serves, LONG)
    restore_database(secondary, primary)
    secondary.sh("systemctl start pacemaker", seconds=120)
    library = primary.sh(f"cat {LIBRARY}/.apresa-library").strip()
    _node_database(secondary, library)
    state.wait("both nodes are healthy", primary, lambda seen: seen.healthy, LONG)
    secondary.write("/etc/apresa/lab-done", "")


def _files(node: Node, made: dict[str, bytes]) -> None:
    node.write("/etc/corosync/corosync.conf", render.corosync(site()))
    node.write("/etc/corosync/authkey", made["corosync"], 0o400)
    node.write("/etc/apresa/secret_key", made["django"], 0o640)
    node.sh("chgrp apresa /etc/apresa/secret_key")
    pgpass = b"*:*:*:replicator:" + made["replication"] + b"\n"
    node.write("/var/lib/postgresql/.pgpass", pgpass, 0o600)
    node.sh(
        "set -e; chown postgres: /var/lib/postgresql/.pgpass; pg_dropcluster 15 main; "
        f"install -d -o postgres -g postgres -m 700 /database/db /var/lib/pgsql /var/lib/pgsql/tmp; "
        f"pg_createcluster -d {DATA} 15 main -- --no-sync >/dev/null; "
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=$(hostname) "
        f"-keyout {CONFIG}/server.key -out {CONFIG}/server.crt 2>/dev/null; "
        f"chown postgres: {CONFIG}/server.*; chmod 600 {CONFIG}/server.key"
    )
    node.write(f"{CONFIG}/pg_hba.conf", render.pg_hba(site()), 0o640)
    node.write(f"{CONFIG}/conf.d/apresa.conf", (CHECKOUT / "deploy/postgresql/apresa.conf").read_bytes())


def _first_database(node: Node, password: str) -> None:
    node.sh(f"runuser -u postgres -- {PG_CTL} start", seconds=120)
    for line in (
        f"create role replicator replication login password '{password}'",
        "create role apresa login",
        "create database apresa owner apresa",
    ):
        node.run("runuser", "-u", "postgres", "--", "psql", "-q", "-c", line)


def _first_library(node: Node) -> None:
    """The library's marker belongs on the volume, never on its bare mount point (law 4)."""
    node.sh("drbdadm up r0 && drbdadm primary --force r0")
    node.sh(f"install -d -o apresa -g apresa -m 750 {COPY} && install -d -o apresa -g apresa -m 750 {LIBRARY}")
    node.sh(f"mount --bind {COPY} {LIBRARY}")
    node.sh(f"{MANAGE} migrate --verbosity 0", seconds=180)
    _settings(node)
    node.sh(f"umount {LIBRARY} && drbdadm secondary r0 && drbdadm down r0")
    node.sh(f"runuser -u postgres -- {PG_CTL} -m fast stop", seconds=120)


def restore_database(node: Node, source: Node) -> None:
    """This node's database becomes a new copy of the source's; its own is gone, its Pacemaker may not look after it."""
    stop = "/usr/lib/postgresql/15/bin/pg_ctl -s -D {data} stop -m immediate"
    node.sh(f"cd / && runuser -u postgres -- {stop.format(data=DATA)}", check=False)
    node.sh(f"find {DATA} -mindepth 1 -delete")
    copy = f"/usr/lib/postgresql/15/bin/pg_basebackup -D {DATA} -X stream -c fast -d"
    where = f"host={address(source.number)} user=replicator sslmode=require"
    node.sh(f"cd / && runuser -u postgres -- {copy} '{where}'", seconds=180)
    # Never a second primary by itself; and the agent's files, which its own lines in postgresql.conf include.
    node.sh(
        f"runuser -u postgres -- touch {DATA}/standby.signal && cd /var/lib/pgsql/tmp && "
        "rm -f PGSQL.lock xlog_note.* && for file in rep_mode.conf recovery.conf; do "
        "[ -e $file ] || install -o postgres -m 600 /dev/null $file; done"
    )


def _node_database(node: Node, library: str) -> None:
    node.sh(f"install -d -o apresa -g apresa -m 750 {LIBRARY}")
    node.sh(f"{MANAGE} migrate --verbosity 0", seconds=180)
    known = f"from apresa.node.domain import identity as i; n = i(); n.library = '{library}'; n.save()"
    node.sh(f'{MANAGE} shell -v 0 -c "{known}"', seconds=60)
    _settings(node)


def _settings(node: Node) -> None:
    node.sh(f"{MANAGE} setting cluster.drbd_source json && {MANAGE} setting capture.interfaces eth0", seconds=120)
    node.sh(f"systemctl -q enable --now {PROGRAMS}")


def _start_cluster(node: Node) -> None:
    # Before the first start: else the very first election lasts 20 s.
    node.sh(
        "set -e; c=/var/lib/pacemaker/cib/cib.xml; cibadmin --empty >$c; "
        "CIB_file=$c crm_attribute -t crm_config -n dc-deadtime -v 2s; rm -f $c.sig /var/lib/pacemaker/cib/cib-*; "
        "chown hacluster:haclient $c; chmod 600 $c; systemctl start pacemaker",
        seconds=120,
    )
    node.wait(f"timeout 5 crmadmin -D 2>/dev/null | grep -q {node.name}", 120)
    node.write("/etc/apresa/cluster.crm", render.crm(site()))
    node.sh("timeout 120 crm configure load update /etc/apresa/cluster.crm", seconds=150)
