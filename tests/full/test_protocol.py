"""Activation, certificates and "saved" on a real PostgreSQL with a hot standby (PROTOCOL T1, S3, R1, R2, K10)."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.full.nodes import Node
from tests.full.servers import Postgres, redis_server, start_primary

pytestmark = pytest.mark.full
NAMED = "from apresa import replicated; replicated.name_standby(lambda: 'south')\n"
SPOOLED = """
from apresa.node.domain import identity
from recordings.domain.here import here
from recordings.domain.settle import settle
from recordings.pipeline.spool.layout import Session
from tests.samples.spool import InProcess, sip_call, spool
place = here()
live = Session(place.spool / "live")
live.create(place.node)
"""
SETTLED = f"""{NAMED}{SPOOLED}
from recordings.domain import certifying
spool(live, sip_call())
settle(place, InProcess())
certifying.certify(place, certifying.own(place.activation, 0))
certifying.place_in_log()
"""
STANDS = """
from recordings.domain.manifest import read_manifest
from recordings.domain.standing import standings
from recordings.models import Certificate
[path] = live.calls.rglob("*.call")
[found] = standings({path: read_manifest(live, path)}).values()
"""
OVERTAKEN = """
import threading
from django.conf import settings
from django.db import connections, transaction
from apresa.node import activation
from apresa.node.domain import identity
mine, order = identity().activation, []
def other():
    activation.activate(settings.APRESA.library, patience=5)
    order.append("activated")
    connections.close_all()
thread = threading.Thread(target=other)
with transaction.atomic():
    activation.confirm(mine)
    thread.start()
    thread.join(1)
    order.append("committed")
thread.join()
try:
    with transaction.atomic():
        activation.confirm(mine)
except activation.Superseded:
    order.append("superseded")
print(*order)
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    primary: Postgres
    standby: Postgres
    first: Node
    second: Node

    def both(self) -> None:
        self.primary.wait_for(self.standby)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="apresa-full-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        sockets = folder / "pg"
        sockets.mkdir()
        primary = start_primary(sockets)
        standby = primary.standby(sockets / "standby", 5433)
        try:
            standby.stop()
            with (standby.folder / "postgresql.auto.conf").open("a") as file:
                file.write("cluster_name = 'south'\n")  # what the standby calls itself at the primary
            standby.start()
            with redis_server(folder) as redis_url:
                made = Cluster(
                    primary,
                    standby,
                    Node(folder / "first", primary.url, redis_url),
                    Node(folder / "second", standby.url, redis_url),
                )
                made.first.manage("migrate", "--verbosity=0")
                made.both()
                made.second.manage("migrate", "--verbosity=0")
                made.second.manage("shell", "-c", "from apresa.node import domain; domain.join_as_secondary('')")
                made.first.manage("activate")
                made.both()
                yield made
        finally:
            for server in (standby, primary):
                if server.is_running():
                    server.stop("immediate")


def python(node: Node, code: str) -> str:
    return node.manage("shell", "-v", "0", "-c", code).strip()


def test_a_standby_cannot_be_activated_and_says_why(cluster: Cluster) -> None:
    code = """
from django.conf import settings
from apresa.node import activation
try:
    activation.activate(settings.APRESA.library, patience=0)
except activation.CannotActivate as error:
    print(error)
"""
    assert python(cluster.second, code) == "The cluster's database is read-only; the active node must write it."


def test_the_line_of_history_and_its_timeline_are_known_on_the_standby(cluster: Cluster) -> None:
    code = "from apresa.node import activation; one = activation.newest(); print(one.uuid, one.timeline)"
    followed = cluster.standby.execute("select received_tli from pg_stat_wal_receiver")
    here, there = python(cluster.first, code), python(cluster.second, code)
    assert (here, here.split()[1]) == (there, followed)


def test_a_settle_and_an_activation_exclude_each_other(cluster: Cluster) -> None:
    assert python(cluster.first, OVERTAKEN) == "committed activated superseded"


def test_r1_r2_both_nodes_see_the_certificate_and_the_active_one_that_the_standby_flushed_it(cluster: Cluster) -> None:
    spooled = f"{SPOOLED}spool(live, sip_call())\n"
    python(cluster.second, spooled)
    with cluster.standby.frozen():
        before = python(cluster.first, f"{SETTLED}{STANDS}print(found.lsn <= (replicated.flushed() or 0))")
    cluster.both()
    after = python(cluster.first, f"{NAMED}{SPOOLED}{STANDS}print(found.lsn <= (replicated.flushed() or 0))")
    assert (before, after) == ("False", "True")
    said = "print(found.permission.value, found.covered, found.stored)"
    for node in (cluster.first, cluster.second):
        assert python(node, f"{SPOOLED}{STANDS}{said}") == "certificate True True"


def test_k10_what_the_standby_has_not_flushed_is_not_called_saved(cluster: Cluster) -> None:
    timed = f"""{NAMED}
import time
begun = time.monotonic()
print(replicated.is_saved(), time.monotonic() - begun < {{}})
"""
    assert python(cluster.first, timed.format(2)) == "True True"
    with cluster.standby.frozen():
        change = "from apresa.config import domain as config; config.set('recording.format', 'wav', by='anna')\n"
        assert python(cluster.first, change + timed.format(10)) == "False True"
    cluster.standby.stop()
    try:
        assert python(cluster.first, timed.format(1)) == "False True"
    finally:
        cluster.standby.start()


def test_the_services_user_may_read_how_far_the_standby_has_come(cluster: Cluster) -> None:
    asked = "set role plain; select count(flush_lsn) from pg_stat_replication where application_name = 'south'"
    cluster.both()
    cluster.primary.execute("create role plain login")
    without = cluster.primary.execute(asked)
    cluster.primary.execute("grant pg_read_all_stats to plain")
    assert (without, cluster.primary.execute(asked)) == ("0", "1")
