"""A test of the link: a job with its trail, by page, API and shell, for administrators only."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client, RequestFactory

from apresa import load, nodelink
from apresa.audit.models import Entry
from apresa.jobs.models import Job, State
from apresa.nodelink import LinkError
from apresa.shared import clock
from cluster.domain.testing_link import EMPTY, SINK, Refused, ask_test, do_next_test
from cluster.link import views_sink
from cluster.queries.link_test import KIND
from recordings.models import Call, Version
from tests.apresa.accounts.people import anna, bob, person
from tests.recordings.api.test_calls import client_of
from tests.recordings.pages.test_calls import signed_in
from tests.samples.read_only import read_only_database
from worker.tasks import cluster as tasks

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
API, PAGE, PART = "/api/v1/cluster/link/", "/cluster/link/", "/cluster/link/test/"


class Other:
    """The other node, whose link takes so long for each piece; it makes the time go on."""

    def __init__(self, seconds: float = 0.1, broken: str = "") -> None:
        self.seconds, self.broken, self.now = seconds, broken, 0.0
        self.pieces: list[int] = []

    def get(self, path: str, **_limits: Any) -> dict[str, Any]:
        assert path == EMPTY
        self.now += 0.01
        return {}

    def upload(self, path: str, file: Path) -> dict[str, Any]:
        assert path == SINK
        if self.broken:
            raise LinkError(self.broken)
        self.now += self.seconds
        self.pieces.append(file.stat().st_size)
        return {}

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Other:
    found = Other()
    monkeypatch.setattr(nodelink, "_finders", [lambda: found])
    monkeypatch.setattr(clock, "monotonic", lambda: found.now)
    monkeypatch.setattr("time.sleep", found.sleep)
    return found


def actions() -> list[str]:
    return [entry.action for entry in Entry.objects.using("node").filter(action__startswith="link-").order_by("id")]


def test_a_test_takes_ten_seconds_at_its_rate(other: Other) -> None:
    asked = ask_test(by="anna", rate=50)
    job = do_next_test(other.sleep)
    assert job is not None
    assert (job.pk, job.state, job.error) == (asked.pk, State.DONE, "")
    assert job.result is not None
    assert job.result["mbits"] == pytest.approx(8 * 8 * 1024**2 / 0.09 / 1e6, rel=0.01)
    assert job.result["round_trip_ms"] == 10.0
    assert 10.0 <= other.now < 10.2
    assert 8 * sum(other.pieces[:-1]) / 10 / 1e6 <= 50
    assert actions() == ["link-test", "link-test-done"]
    assert do_next_test(other.sleep) is None


def test_a_slow_link_gets_one_piece_and_a_result(other: Other) -> None:
    other.seconds = 30.0
    ask_test(by="anna")
    job = do_next_test(other.sleep)
    assert job is not None
    assert (job.state, len(other.pieces)) == (State.DONE, 1)


def test_a_link_that_breaks_fails_the_job(other: Other) -> None:
    other.broken = "The other node hung up."
    ask_test(by="anna")
    tasks.test_link()
    assert [(job.state, job.error) for job in Job.objects.using("node").all()] == [
        (State.FAILED, "The other node hung up.")
    ]
    assert actions() == ["link-test", "link-test-failed"]


def test_a_test_that_is_cancelled_stops(other: Other) -> None:
    ask_test(by="anna")
    Job.objects.using("node").update(cancel_requested=True)
    do_next_test(other.sleep)
    assert (other.pieces, actions()) == ([], ["link-test", "link-test-stopped"])


def test_one_test_at_a_time(other: Other) -> None:
    ask_test(by="anna")
    with pytest.raises(Refused, match="A test of the link is under way already"):
        ask_test(by="anna")
    assert actions() == ["link-test", "link-test-refused"]


@pytest.mark.parametrize("rate", [9, 1001, -1])
def test_the_rate_is_bounded(other: Other, rate: int) -> None:
    with pytest.raises(Refused, match="from 10 to 1000"):
        ask_test(by="anna", rate=rate)


def test_without_another_node_there_is_nothing_to_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodelink, "_finders", [])
    with pytest.raises(Refused, match="paired with no other node"):
        ask_test(by="anna")
    response = signed_in(anna()).post(PAGE)
    assert (response.status_code, "paired with no other node" in response.content.decode()) == (409, True)


def test_the_sink_counts_and_keeps_nothing() -> None:
    ask = RequestFactory()
    assert views_sink.empty(ask.get("/link/v1/empty")).status_code == 200
    assert views_sink.sink(ask.put("/link/v1/sink", b"0" * 1000)).content == b'{"size": 1000}'  # type: ignore[attr-defined]  # a JsonResponse
    assert views_sink.sink(ask.put("/link/v1/sink", b"0" * (8 * 1024**2 + 1))).status_code == 413
    assert views_sink.sink(ask.get("/link/v1/sink")).status_code == 405


def test_the_page_has_the_estimate_the_button_and_the_result(other: Other) -> None:
    client = signed_in(anna())
    page = client.get(PAGE).content.decode()
    assert "A gigabit link carries 2683 calls at once." in page
    assert "Nothing is recorded yet, so telephone quality is assumed." in page
    assert "It has not been tested yet." in page
    assert client.get(PART)["HX-Refresh"] == "true"
    assert client.post(PAGE)["Location"] == PAGE
    for address in (PAGE, PART):
        assert "Queued" in client.get(address).content.decode()
    assert 'hx-trigger="every 2s"' in client.get(PAGE).content.decode()
    do_next_test(other.sleep)
    assert client.get(PART)["HX-Refresh"] == "true"
    page = client.get(PAGE).content.decode()
    assert "Mbit/s; a question takes 10.0 ms." in page
    assert "hx-trigger" not in page.split('id="link-test"')[1].split(">")[0]


def test_the_page_tells_why_the_last_test_came_to_nothing(other: Other) -> None:
    client = signed_in(anna())
    client.post(PAGE)
    other.broken = "The other node's disk is full."
    do_next_test(other.sleep)
    page = client.get(PAGE).content.decode()
    assert "The last test came to no result." in page
    assert "The other node&#x27;s disk is full." in page


def test_the_estimate_comes_from_the_calls() -> None:
    began = clock.now() - timedelta(hours=1)
    for number in range(3):
        call = Call.objects.create(
            id=f"00000000-0000-0000-0000-00000000000{number}",
            protocol="sip",
            started=began + timedelta(seconds=30 * number),
            ended=began + timedelta(seconds=30 * number + 40),
            version=2,
        )
        for version, size in ((1, 999), (2, 320_000)):
            Version.objects.create(call=call, number=version, size=size)
    assert [span.size for span in load.recorded(28)] == [320_000] * 3
    need = client_of(anna()).get(API).json()["need"]
    assert (need["at_once"], need["measured"], need["call_kbits"]) == (2, True, 96.3)


def test_programs_preview_begin_and_follow(other: Other) -> None:
    client = client_of(anna(), may_write=True)
    said = client.post(API, {}, content_type="application/json")
    assert (said.status_code, Job.objects.using("node").count()) == (200, 0)
    begun = client.post(API, {"confirm": True, "rate": 20}, content_type="application/json")
    assert (begun.status_code, begun.json()["test"]["state"]) == (202, "queued")
    assert client.post(API, {"confirm": True}, content_type="application/json").status_code == 409
    assert client.post(API, {"confirm": True, "rate": 1}, content_type="application/json").status_code == 400
    do_next_test(other.sleep)
    assert client.get(API).json()["test"]["state"] == "done"


def test_the_shell_estimates_and_tests(other: Other) -> None:
    out = io.StringIO()
    call_command("cluster_link_test", stdout=out)
    assert out.getvalue().splitlines()[-1] == "Add --yes to test how fast it is."
    call_command("cluster_link_test", "--yes", stdout=out)
    assert out.getvalue().endswith("Mbit/s; a question takes 10.0 ms.\n")
    other.broken = "The other node hung up."
    with pytest.raises(CommandError, match=r"^The other node hung up\.$"):
        call_command("cluster_link_test", "--yes", stdout=out)
    with pytest.raises(CommandError, match="from 10 to 1000"):
        call_command("cluster_link_test", "--yes", "--rate", "5", stdout=out)


def test_nobody_else_may_see_or_test_it(other: Other) -> None:
    assert Client().get(PAGE).status_code == 302
    assert Client().post(PAGE).status_code == 302
    assert Client().get(PART).status_code == 302
    assert Client().get(API).status_code == 401
    for user in (bob(), person("carl", "supervisor")):
        assert [signed_in(user).get(PAGE).status_code, signed_in(user).post(PAGE).status_code] == [403, 403]
        assert signed_in(user).get(PART).status_code == 403
        writer = client_of(user, may_write=True)
        assert writer.get(API).status_code == 403
        assert writer.post(API, {"confirm": True}, content_type="application/json").status_code == 403
    reader = client_of(anna())  # a token that may only read
    assert reader.post(API, {"confirm": True}, content_type="application/json").status_code == 403
    assert Job.objects.using("node").filter(kind=KIND).count() == 0


def test_it_works_on_the_read_only_secondary_and_without_the_clusters_database(
    other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(anna(), may_write=True)
    with read_only_database():
        assert client.post(API, {"confirm": True}, content_type="application/json").status_code == 202

    def away(_days: int) -> list[load.Span]:
        raise OperationalError

    monkeypatch.setattr(load, "_counters", [away])
    assert client.get(API).json()["need"] is None
