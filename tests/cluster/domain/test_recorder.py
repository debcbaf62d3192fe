"""A restart of the recording component: a job with its trail, by page, API and shell, for administrators only."""

import io
import json
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.urls import reverse

from apresa.audit.models import Entry
from apresa.jobs.models import Job, State
from apresa.shared import clock
from cluster import orders
from cluster.domain import recorder
from cluster.management.commands import recorder_restart
from cluster.types import Result
from tests.apresa.accounts.people import anna, bob, person
from tests.fakes.cluster import FakeCluster
from tests.recordings.api.test_calls import client_of
from tests.recordings.pages.test_calls import signed_in
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
PAGE, PART, API = "/system/recorder/", "/system/recorder/progress/", "/api/v1/recorder/restart/"


class Component:
    """The recording component as its parent and its status file show it; time passes where somebody waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, answers: bool = True) -> None:
        self.answers, self.waited, self.boots = answers, 0.0, 0
        self.live = settings.APRESA.spool / "live"
        self.live.mkdir(parents=True, exist_ok=True)
        settings.APRESA.run.mkdir(parents=True, exist_ok=True)
        self.wanted = settings.APRESA.run / "restart-recording"
        self.wanted.unlink(missing_ok=True)
        monkeypatch.setattr(clock, "monotonic", lambda: self.waited)
        self.start()

    def start(self) -> None:
        self.boots += 1
        (self.live / "status.json").write_text(json.dumps({"boot": f"boot-{self.boots}"}))

    def pause(self, seconds: float) -> None:
        self.waited += seconds
        if self.answers and self.wanted.exists():
            self.wanted.unlink()
            self.start()


@pytest.fixture
def component(monkeypatch: pytest.MonkeyPatch) -> Component:
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC))
    return Component(monkeypatch)


def job() -> Job:
    return Job.objects.using("node").get()


def test_it_is_asked_of_its_parent_on_a_machine_alone_and_waited_for(component: Component) -> None:
    recorder.ask(by="anna", address="192.0.2.9")
    recorder.restart_next(FakeCluster(), component.pause)
    assert (job().state, job().result) == (State.DONE, {"boot": "boot-2", "seconds": 0.5})
    assert [(one.actor, one.action) for one in Entry.objects.using("node").order_by("id")] == [
        ("anna", "recorder-restart"),
        ("anna", "recorder-restart-done"),
    ]


def test_one_that_is_not_heard_again_is_a_failure_with_what_to_look_at(component: Component) -> None:
    component.answers = False
    recorder.ask(by="anna")
    recorder.restart_next(FakeCluster(), component.pause)
    assert job().state == State.FAILED
    assert job().error == (
        "It was told to start again, but was not heard within 60 seconds. See that a network interface is set, and "
        "what it says in the log (journalctl -u apresa-record, or -u apresa on a machine alone)."
    )


def test_in_a_cluster_the_root_helper_restarts_its_unit(component: Component) -> None:
    def started(cluster: FakeCluster) -> None:
        del cluster
        component.start()

    cluster = FakeCluster({orders.RECORDER.argv: started})
    with override_settings(APRESA=settings.APRESA.model_copy(update={"mode": "full"})):
        recorder.ask(by="anna")
        recorder.restart_next(cluster, component.pause)
    assert (job().state, component.wanted.exists()) == (State.DONE, False)


def test_a_unit_that_cannot_be_restarted_is_told_in_its_own_words(component: Component) -> None:
    class Refusing(FakeCluster):
        def run(self, command: object) -> Result:
            del command
            return Result(("systemctl",), 5, "", "Unit apresa-record.service not found.")

    with override_settings(APRESA=settings.APRESA.model_copy(update={"mode": "full"})):
        recorder.ask(by="anna")
        recorder.restart_next(Refusing(), component.pause)
    assert job().error == "systemctl ended with exit code 5: Unit apresa-record.service not found."


def test_two_who_ask_at_once_get_one_restart(component: Component) -> None:
    first, second = recorder.ask(by="anna"), recorder.ask(by="bob")
    recorder.restart_next(FakeCluster(), component.pause)
    assert (first.pk, component.boots) == (second.pk, 2)
    assert recorder.restart_next(FakeCluster(), component.pause) is None


@pytest.mark.parametrize("page", [PAGE, PART])
def test_its_page_is_for_administrators(page: str) -> None:
    assert Client().get(page).status_code == 302
    assert signed_in(bob()).get(page).status_code == 403
    assert signed_in(person("carl", "supervisor")).get(page).status_code == 403
    assert signed_in(anna()).get(page).status_code == 200


def test_only_an_administrator_restarts_it() -> None:
    assert Client().post(PAGE).status_code == 302
    user = bob()
    assert signed_in(user).post(PAGE).status_code == 403
    assert client_of(user, may_write=True).post(API).status_code == 403
    assert client_of(anna()).post(API).status_code == 403
    assert not Job.objects.using("node").exists()


def test_the_page_restarts_it_and_shows_how_far_it_is(component: Component) -> None:
    client = signed_in(anna())
    assert client.post(PAGE).headers["Location"] == reverse("recorder")
    assert "It is being restarted." in client.get(PAGE).content.decode()
    assert "HX-Refresh" not in client.get(PART).headers
    recorder.restart_next(FakeCluster(), component.pause)
    done = client.get(PART)
    assert done.headers["HX-Refresh"] == "true"
    assert "It was restarted, and heard again after 0.5 s." in done.content.decode()


def test_the_secondary_restarts_its_own(component: Component) -> None:
    client = signed_in(anna())
    with read_only_database():
        assert client.post(PAGE).status_code == 302
        recorder.restart_next(FakeCluster(), component.pause)
    assert job().state == State.DONE


def test_a_program_restarts_it_and_follows_it(component: Component) -> None:
    client = client_of(anna(), may_write=True)
    asked = client.post(API)
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    recorder.restart_next(FakeCluster(), component.pause)
    assert client.get(f"{API}{asked.json()['id']}/").json()["state"] == "done"
    assert client.get(f"{API}00000000-0000-4000-8000-000000000000/").status_code == 404


def test_the_system_page_leads_there_for_administrators() -> None:
    link = f'href="{reverse("recorder")}"'
    assert link in signed_in(anna()).get("/system/").content.decode()


def test_the_command_restarts_it(component: Component, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", component.pause)
    command, out = recorder_restart.Command(), io.StringIO()
    command.runner = FakeCluster()
    call_command(command, "--yes", stdout=out)
    assert out.getvalue().splitlines()[-1] == "Done."
    assert component.boots == 2


def test_the_command_asks_first(component: Component, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(CommandError, match=r"Nothing was done\. Add --yes"):
        call_command(recorder_restart.Command())
    assert component.boots == 1
