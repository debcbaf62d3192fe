"""`/healthz` and `/readyz`."""

import json
import shutil

import pytest
from django.conf import settings
from django.test import Client

from apresa import database, health, layout
from apresa.database import DatabaseState
from apresa.node.models import NodeIdentity, Role

pytestmark = pytest.mark.django_db(databases=["default", "node"])

OWN = ("database", "active", "node-database", "broker", "library")


def ready(client: Client) -> tuple[int, dict[str, bool]]:
    response = client.get("/readyz")
    checks = json.loads(response.content)["checks"]
    return response.status_code, {name: checks[name]["ok"] for name in OWN}


@pytest.fixture
def own_checks_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_checks", {name: health._checks[name] for name in OWN})


def test_process_that_answers_is_alive_without_a_sign_in(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, json.loads(response.content)) == (200, {"ok": True})


def test_prepared_machine_is_ready(client: Client, platform: None, own_checks_only: None) -> None:
    assert ready(client) == (200, dict.fromkeys(OWN, True))


def test_absent_database_is_not_ready(
    client: Client, platform: None, own_checks_only: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.ABSENT)
    database.forget()
    assert ready(client) == (503, {**dict.fromkeys(OWN, True), "database": False})


def test_missing_library_is_not_ready(client: Client, platform: None, own_checks_only: None) -> None:
    (settings.APRESA.library / layout.MARKER).unlink()
    assert ready(client) == (503, {**dict.fromkeys(OWN, True), "library": False})


@pytest.mark.skipif(settings.APRESA.mode == "full", reason="the broker is Redis there")
def test_missing_folder_of_the_broker_is_not_ready(client: Client, platform: None, own_checks_only: None) -> None:
    shutil.rmtree(settings.APRESA.broker)
    assert ready(client) == (503, {**dict.fromkeys(OWN, True), "broker": False})


def test_machine_that_stays_inactive_beside_its_own_database_is_not_ready(
    client: Client, platform: None, own_checks_only: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    NodeIdentity.objects.update(role=Role.PRIMARY)  # as after a power cut, before its agent starts
    assert ready(client) == (200, dict.fromkeys(OWN, True))
    assert "This machine is not active." in client.get("/sign-in/").content.decode()
    monkeypatch.setattr(health, "GRACE", -1.0)
    assert ready(client) == (503, {**dict.fromkeys(OWN, True), "active": False})


def test_stranger_learns_no_paths(client: Client, platform: None, own_checks_only: None) -> None:
    checks = json.loads(client.get("/readyz", REMOTE_ADDR="192.0.2.1").content)["checks"]
    assert checks == {name: {"ok": True} for name in OWN}


def test_check_that_breaks_is_a_finding(own_checks_only: None) -> None:
    def broken() -> health.Finding:
        raise RuntimeError("no")

    health.register("broken")(broken)
    assert health.findings()["broken"].ok is False
