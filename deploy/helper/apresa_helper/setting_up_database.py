"""The verbs of the set-up for PostgreSQL: its cluster, its files, its first start, its copy of the other node's."""

import re
from collections.abc import Mapping
from typing import Any

from apresa_helper import setting_up_values as own
from apresa_helper import values
from apresa_helper.deeds import Chain, Deed, Run, Verb, Write
from apresa_helper.setting_up import at_rest

FOLDER = "/database/db"
DATA = f"{FOLDER}/main"
NEW = f"{FOLDER}/main.new"
WHOLE = f"{FOLDER}/main.whole"
CONFIG = "/etc/postgresql/15/main"
TEMPORARY = "/var/lib/pgsql/tmp"  # of Pacemaker's agent
BINARIES = "/usr/lib/postgresql/15/bin"
PASSWORDS = "/var/lib/postgresql/.pgpass"
INSTALL = "/usr/bin/install"
SYSTEMCTL = "/bin/systemctl"
OWNED = ("-o", "postgres", "-g", "postgres")
FIRST, COPY = "apresa-first-database", "apresa-first-copy"
RUN = ("/usr/bin/systemd-run", "--quiet", "-p", "User=postgres", "-p", "WorkingDirectory=/")
NOTHING = re.compile("")
IDLE = re.compile(r"(inactive|failed|unknown)\n?", re.ASCII)
IN_USE = "The database of this machine holds data of others, or nobody can tell: it is left as it is."
ROLES = """set log_min_error_statement = panic;
set log_statement = none;
do $$ begin
if not exists (select from pg_roles where rolname = 'replicator') then create role replicator replication login; end if;
if not exists (select from pg_roles where rolname = 'apresa') then create role apresa login; end if;
end $$;
alter role replicator password '{0}';
grant pg_read_all_stats to apresa;
select 'create database apresa owner apresa' where not exists (select from pg_database where datname = 'apresa') \\gexec
"""


def _databases(data: str) -> tuple[str, ...]:
    """Names what is more than the three databases that every new server has."""
    every = ("-not", "-name", "1", "-not", "-name", "4", "-not", "-name", "5", "-not", "-name", "pgsql_tmp")
    return ("/usr/bin/find", f"{data}/base", "-mindepth", "1", "-maxdepth", "1", *every)


def _make_way(given: Mapping[str, Any]) -> Deed:
    """Debian's own empty server gives way; it is kept beside."""
    values.only(given)
    rename = ("/usr/bin/pg_renamecluster", "15", "main", "before_apresa")
    return Chain(
        (
            Run(rename, 120.0, _databases("/var/lib/postgresql/15/main"), NOTHING, IN_USE),
            Write("/etc/postgresql/15/before_apresa/start.conf", b"disabled\n", 0o644, "postgres"),
            Run((SYSTEMCTL, "stop", "postgresql@15-before_apresa.service"), 120.0),
        )
    )


def _create(given: Mapping[str, Any]) -> Deed:
    """pg_createcluster itself refuses a server of this name."""
    values.only(given)
    make = ("/usr/bin/pg_createcluster", "-d", DATA, "-p", "5432", "-e", "UTF8", "--locale", "C.UTF-8")
    return Chain(
        (
            Run((INSTALL, "-d", *OWNED, "-m", "755", "/database", FOLDER), 10.0),
            Run((INSTALL, "-d", *OWNED, "-m", "700", "/var/lib/pgsql", TEMPORARY), 10.0),
            Run((*make, "--start-conf", "disabled", "15", "main"), 300.0),
        )
    )


def _files(given: Mapping[str, Any]) -> Deed:
    values.only(given, "members", "certificate", "authority", "key", "password")
    rows = "".join(
        f"hostssl replication     replicator      {_host(link):<24} scram-sha-256\n"
        for _, links in values.members(given["members"])
        for link in links
    )
    line = b"*:*:*:replicator:" + own.word(given["password"]).encode() + b"\n"
    return Chain(
        (
            Write(f"{CONFIG}/conf.d/apresa.conf", own.filled("postgresql/apresa.conf", {}), 0o644, "postgres"),
            Write(
                f"{CONFIG}/pg_hba.conf",
                own.filled("postgresql/pg_hba.conf", {"replication": rows}),
                0o640,
                "postgres",
            ),
            Write(f"{CONFIG}/cluster.crt", own.pem(given["authority"]), 0o644, "postgres"),
            Write(f"{CONFIG}/server.crt", own.pem(given["certificate"]), 0o644, "postgres"),
            Write(f"{CONFIG}/server.key", own.pem(given["key"]), 0o600, "postgres"),
            Write(PASSWORDS, line, 0o600, "postgres"),
        )
    )


def _host(address: str) -> str:
    return f"{address}/{128 if ':' in address else 32}"


def _server(given: Mapping[str, Any]) -> Deed:
    """The server by itself, for its first content; only while Pacemaker does not look after it."""
    values.only(given, "action")
    if values.one_of(given["action"], "action", ("start", "stop")) == "stop":
        return Run((SYSTEMCTL, "stop", FIRST), 300.0)
    server = (f"{BINARIES}/postgres", "-D", DATA, "-c", f"config_file={CONFIG}/postgresql.conf")
    how = ("--collect", f"--unit={FIRST}", "-p", "Type=notify", "-p", "KillSignal=SIGINT", "-p", "TimeoutStartSec=300")
    return at_rest((*RUN, *how, "--", *server), 310.0)


def _roles(given: Mapping[str, Any]) -> Deed:
    values.only(given, "password")
    psql = ("/usr/sbin/runuser", "-u", "postgres", "--", "/usr/bin/psql", "-X", "-w", "-q", "-v", "ON_ERROR_STOP=1")
    script = ROLES.format(own.word(given["password"])).encode()
    return Run((*psql, "-d", "postgres", "-f", "-"), 60.0, stdin=script)


def _copy(given: Mapping[str, Any]) -> Deed:
    """Begins a copy that may take hours, and does not wait: once it is whole, it is called so."""
    values.only(given, "address")
    where = f"host={values.address(given['address'])} user=replicator sslmode=verify-ca "
    where += f"sslrootcert={CONFIG}/cluster.crt passfile={PASSWORDS}"
    copy = (f"{BINARIES}/pg_basebackup", "-D", NEW, "-X", "stream", "-c", "fast", "-d", where)
    whole = f"ExecStartPost=/bin/mv -T -n {NEW} {WHOLE}"
    how = ("--collect", "--no-block", f"--unit={COPY}", "-p", "Type=oneshot", "-p", whole)
    return Chain(
        (
            Run(
                ("/usr/bin/find", FOLDER, "-depth", "-path", f"{NEW}*", "-delete"),
                600.0,
                (SYSTEMCTL, "is-active", COPY),
                IDLE,
                "A copy is being made already.",
                guard_code=3,
            ),
            Run((*RUN, *how, "--", *copy), 30.0),
        )
    )


def _take(given: Mapping[str, Any]) -> Deed:
    """The whole copy takes the place of the server's own content, which is kept where it is more than empty: never."""
    values.only(given, "part")
    if values.one_of(given["part"], "part", ("aside", "in", "standby")) == "aside":
        move = ("/bin/mv", "-T", "-n", DATA, f"{FOLDER}/main.empty")
        return Run(move, 60.0, _databases(DATA), NOTHING, IN_USE)
    if given["part"] == "in":
        return Run(("/bin/mv", "-T", "-n", WHOLE, DATA), 60.0)
    empty = (INSTALL, *OWNED, "-m", "600", "/dev/null")
    # Never a second primary by itself; and the agent's files, which its own lines in postgresql.conf include.
    names = (f"{DATA}/standby.signal", f"{TEMPORARY}/rep_mode.conf", f"{TEMPORARY}/recovery.conf")
    return Chain(tuple(at_rest((*empty, name), 10.0) for name in names))


def _others(given: Mapping[str, Any]) -> Deed:
    """Names what Debian's own server holds of others."""
    values.only(given)
    return Run(_databases("/var/lib/postgresql/15/main"), 20.0, changes=False)


VERBS: Mapping[str, Verb] = {
    "database-copy": _copy,
    "database-create": _create,
    "database-files": _files,
    "database-make-way": _make_way,
    "database-others": _others,
    "database-roles": _roles,
    "database-server": _server,
    "database-take": _take,
}
SECRET = frozenset({"password"})
