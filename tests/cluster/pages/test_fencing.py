"""The page of fencing: states, form, and a password that is never shown."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apresa import database
from apresa.accounts import copies
from apresa.audit.models import Entry
from apresa.database import DatabaseState
from apresa.jobs.models import Job, State
from apresa.node import domain as node
from cluster.domain import acting
from cluster.queries import fencing
from cluster.runner import CommandUnavailable
from cluster.types import Why
from tests.apresa.accounts.people import anna, bob, person
from tests.fakes.fencing import NORTHS, SOUTHS, FencedCluster, with_devices
from tests.recordings.pages.test_calls import signed_in
from tests.samples.cluster.kept import OFF, keep, keep_alone
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
PAGE, ADD = "/cluster/fencing/", "/cluster/act/fencing-add/"
GIVEN = {"agent": "fence_ipmilan", "host": "192.0.2.7", "user": "apresa", "plug": ""}
QUERY = "?agent=fence_ipmilan&host=192.0.2.7&user=apresa&plug="


@pytest.fixture(autouse=True)
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fence_ipmilan").touch()
    monkeypatch.setattr(fencing, "PLACE", tmp_path)


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> FencedCluster:
    cluster = FencedCluster()
    monkeypatch.setattr(acting, "runner_here", lambda: cluster)
    return cluster


def text(address: str = PAGE) -> str:
    response = signed_in(anna()).get(address)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.parametrize("page", [PAGE, ADD])
def test_it_is_for_administrators(page: str) -> None:
    keep()
    assert Client().get(page).status_code == 302
    assert signed_in(bob()).get(page).status_code == 403
    assert signed_in(person("carl", "supervisor")).get(page).status_code == 403
    assert signed_in(anna()).get(page).status_code == 200


@pytest.mark.parametrize("name", ["add", "test", "on", "off", "remove"])
def test_only_an_administrator_changes_it(name: str, helper: FencedCluster) -> None:
    keep()
    address = f"/cluster/act/fencing-{name}/"
    assert Client().post(address, GIVEN).status_code == 302
    assert signed_in(bob()).post(address, {**GIVEN, "password": "x"}).status_code == 403
    assert (Job.objects.using("node").count(), helper.given) == (0, [])


def test_without_a_switch_one_is_asked_for_from_what_is_installed() -> None:
    keep()
    page = text()
    assert "Fencing is off." in page
    assert "How this node cuts the power of south" in page
    assert '<option value="fence_ipmilan">Management board (IPMI 2.0) – fence_ipmilan</option>' in page
    assert '<option value="fence_virsh" disabled>Libvirt host, by ssh – fence_virsh (not installed)</option>' in page
    assert "Ask the switch" not in page


def test_where_no_agent_is_installed_its_package_is_named(tmp_path: Path) -> None:
    (tmp_path / "fence_ipmilan").unlink()
    keep()
    page = text()
    assert "apt install fence-agents" in page
    assert "Next…" not in page


@pytest.mark.parametrize(
    ("devices", "on", "there", "absent"),
    [
        ((SOUTHS,), False, "set the switch up on both nodes", "Switch fencing on…"),
        ((SOUTHS, NORTHS), False, "Switch fencing on…", "set the switch up on both nodes"),
        ((SOUTHS, NORTHS), True, "Switch fencing off…", "Switch fencing on…"),
    ],
)
def test_each_state_has_its_buttons(devices: tuple[str, ...], on: bool, there: str, absent: str) -> None:
    keep(pacemaker=with_devices(*devices, on=on))
    page = text()
    assert (there in page, absent in page) == (True, False)
    assert "Ask the switch of south…" in page
    assert "How this node cuts the power" not in page


def test_a_switch_that_does_not_answer_is_told() -> None:
    keep(pacemaker=with_devices(SOUTHS.replace('failed="false"', 'failed="true"')))
    assert '<span class="pill pill-bad">does not answer</span>' in text()


def test_a_lone_machine_is_told_plainly() -> None:
    keep_alone()
    assert "This machine stands alone: there is no cluster." in text()


def test_a_node_outside_the_cluster_is_told_plainly() -> None:
    keep(**OFF)
    assert "This node has not joined the cluster" in text()


@pytest.mark.parametrize(("on", "said"), [(False, "Fencing: off…"), (True, "Fencing: on…")])
def test_the_cluster_page_says_whether_fencing_is_on(on: bool, said: str) -> None:
    keep(pacemaker=with_devices(SOUTHS, NORTHS, on=on))
    assert said in text("/cluster/")


def test_the_password_goes_to_roots_file_and_nowhere_else(helper: FencedCluster) -> None:
    keep()
    administrator = signed_in(anna())
    preview = administrator.get(ADD + QUERY).content.decode()
    assert "Password of apresa at 192.0.2.7" in preview
    assert administrator.post(ADD, {**GIVEN, "password": "s3cret"})["Location"] == PAGE
    assert helper.given == [("fence-secret", {"node": "south", "password": "s3cret"})]
    kept: list[Any] = [vars(Job.objects.using("node").get())]
    kept += [vars(entry) for entry in Entry.objects.using("node").all()]
    assert "s3cret" not in str(kept)
    assert "s3cret" not in administrator.get(PAGE).content.decode()


def test_a_password_that_is_none_is_asked_for_again_and_not_repeated(helper: FencedCluster) -> None:
    keep()
    answer = signed_in(anna()).post(ADD, {**GIVEN, "password": "two words"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "A password is 1 to 128 letters, digits and signs, without spaces." in page
    assert "two words" not in page
    assert (Job.objects.using("node").count(), helper.given) == (0, [])


def test_a_helper_that_is_away_is_told_and_nothing_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def run(self, _command: object) -> None:
            raise CommandUnavailable(Why.MISSING, "The root helper does not answer.")

    monkeypatch.setattr(acting, "runner_here", Away)
    keep()
    answer = signed_in(anna()).post(ADD, {**GIVEN, "password": "s3cret"})
    assert answer.status_code == 409
    assert "The password could not be kept: The root helper does not answer." in answer.content.decode()
    assert Job.objects.using("node").count() == 0


def test_what_was_typed_is_shown_as_text() -> None:
    keep()
    page = text(f"{ADD}?agent=fence_ipmilan&host=<b>&user=u")
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_the_last_act_is_followed_and_its_end_told() -> None:
    keep(pacemaker=with_devices(SOUTHS))
    administrator = signed_in(anna())
    assert administrator.post("/cluster/act/fencing-test/").status_code == 302
    page = administrator.get(PAGE).content.decode()
    assert "It begins in a moment." in page
    assert 'hx-trigger="every 2s"' in page
    job = acting.act_next(FencedCluster(SOUTHS, power=1))
    assert job is not None
    assert job.state == State.FAILED
    page = administrator.get(PAGE).content.decode()
    assert "The power switch of south does not answer: 09:00 ERROR: No route" in page
    assert 'hx-trigger="every 2s"' not in page


def test_on_the_read_only_secondary_the_page_works_and_sets_up(helper: FencedCluster) -> None:
    administrator = signed_in(anna())
    node.join_as_secondary("192.0.2.1")
    keep()
    with read_only_database():
        assert administrator.get(PAGE).status_code == 200
        assert administrator.post(ADD, {**GIVEN, "password": "s3cret"}).status_code == 302
    assert helper.verbs == ["fence-secret"]


def test_the_page_works_with_the_database_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    administrator = signed_in(anna())
    copies.refresh()
    keep()
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.ABSENT)
    database.forget()
    assert "Fencing is off." in administrator.get(PAGE).content.decode()
