"""This node's own services, as it tells of them."""

import http.server
import json
import os
import threading
from datetime import UTC, datetime

import pytest
from django.conf import settings

from apresa import layout
from apresa import services as checks
from apresa.health import Finding
from apresa.shared import clock
from cluster.domain import services
from cluster.domain.services import ActiveWorker, note_heard, tell
from cluster.models import HeardMinute
from cluster.readers.services import read_services
from cluster.stale import STALE_AFTER
from tests.samples.cluster.kept import keep

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
MINUTE = 29_000_000


def told(*, by_worker: bool = False) -> dict[str, tuple[bool, str]]:
    return {one.name: (one.good, one.sentence) for one in read_services(tell(by_worker=by_worker)).checks}


def test_a_node_tells_of_its_services_disks_and_calls() -> None:
    found = read_services(tell())
    assert {one.name for one in found.checks} >= {
        "capture",
        "database",
        "broker",
        "node-worker",
        "active-worker",
        "web",
    }
    assert {part for one in found.disks for part in one.parts} >= {"data", "spool", "library"}
    assert found.heard == ()


def test_a_worker_that_looks_no_more_is_told() -> None:
    assert told()["node-worker"] == (False, "The worker last looked at the cluster never yet.")
    keep(ago=STALE_AFTER + 10)
    assert told()["node-worker"] == (False, "The worker last looked at the cluster 40 seconds ago.")
    keep(ago=1.0)
    assert told()["node-worker"] == (True, services.LOOKS)


def test_a_worker_that_asks_is_alive() -> None:
    assert told(by_worker=True)["node-worker"] == (True, services.LOOKS)


def test_an_active_worker_is_waited_for_and_then_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    (settings.APRESA.run / services.ALIVE).unlink(missing_ok=True)
    now, worker = [1000.0], ActiveWorker()
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    assert worker.check().ok
    now[0] += services.ALIVE_FOR + 1
    assert worker.check() == Finding(False, "The active worker was last heard never yet.")
    services.say_alive()
    assert worker.check().ok
    long_ago = clock.now().timestamp() - 100
    os.utime(settings.APRESA.run / services.ALIVE, (long_ago, long_ago))
    assert worker.check() == Finding(False, "The active worker was last heard 100 seconds ago.")


def test_a_standby_needs_no_active_worker_and_waits_anew_when_it_becomes_active(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (settings.APRESA.run / services.ALIVE).unlink(missing_ok=True)
    active, now, worker = [True], [1000.0], ActiveWorker()
    monkeypatch.setattr(services, "is_active", lambda: active[0])
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    worker.check()
    now[0] += services.ALIVE_FOR + 1
    active[0] = False
    assert worker.check() == Finding(True, "This machine is not active, so it needs no active worker.")
    active[0] = True
    assert worker.check().ok


@pytest.mark.parametrize(("status", "good"), [(200, True), (500, False)])
def test_the_pages_of_a_node_in_a_cluster_are_asked(status: int, good: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Pages(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Host"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing to say."""

    monkeypatch.setattr(settings, "HOST_NAMES", ["myrec1"])
    with http.server.HTTPServer(("127.0.0.1", 0), Pages) as server:
        monkeypatch.setattr(services, "WEB", ("127.0.0.1", server.server_port))
        monkeypatch.setattr(settings, "APRESA", settings.APRESA.model_copy(update={"mode": "full"}))
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        found = services.web()
        thread.join(30)
    assert (found.ok, found.sentence) == (good, f"Port {server.server_port} answers with {status}.")
    assert asked == [("/healthz", "myrec1")]  # a name of its own: it refuses others


def test_pages_that_are_away_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "WEB", ("127.0.0.1", 1))
    monkeypatch.setattr(settings, "APRESA", settings.APRESA.model_copy(update={"mode": "full"}))
    assert services.web() == Finding(False, "Port 1 does not answer: [Errno 111] Connection refused.")


def test_a_library_whose_volume_is_elsewhere_is_no_disk_of_this_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MARKER", "not-there")
    assert "library" not in {part for one in services.disks() for part in one["parts"]}


def hear(monkeypatch: pytest.MonkeyPatch, *seen: tuple[int, int | None]) -> dict[int, int]:
    """Look in these minutes, in which the recording component has counted so far."""
    for minute, counter in seen:
        monkeypatch.setattr(clock, "now", lambda minute=minute: datetime.fromtimestamp(60 * (MINUTE + minute), UTC))
        monkeypatch.setattr(checks, "calls_heard", lambda counter=counter: counter)
        note_heard()
    return {minute - MINUTE: calls for minute, calls in HeardMinute.objects.values_list("minute", "calls")}


def test_calls_are_counted_in_the_minute_in_which_they_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hear(monkeypatch, (0, 100), (0, 103), (1, 104), (1, 110)) == {0: 3, 1: 7}


def test_a_recorder_that_began_anew_counts_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hear(monkeypatch, (0, 100), (1, 4)) == {0: 0, 1: 4}


def test_what_ended_while_nobody_listened_has_no_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hear(monkeypatch, (0, 100), (1, None), (5, 200), (6, 201)) == {0: 0, 5: 0, 6: 1}


def test_an_hour_is_kept_and_the_minute_that_still_grows_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    hear(monkeypatch, *((minute, 10 * minute) for minute in range(70)))
    assert HeardMinute.objects.count() == 61
    heard = json.loads(tell())["heard"]
    assert (len(heard), heard[0]) == (59, [MINUTE + 68, 10])
