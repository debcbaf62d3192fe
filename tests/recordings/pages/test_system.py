"""The system page and the health pill."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from recordings.queries.capture import Capture, capture
from tests.apresa.accounts.people import anna, bob, person
from tests.browser.live import capture_running
from tests.recordings.pages.test_calls import signed_in

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


def session() -> Path:
    return Path(settings.APRESA.spool) / "live"


def test_system_page_is_for_administrators() -> None:
    assert Client().get("/system/").status_code == 302
    assert signed_in(bob()).get("/system/").status_code == 403
    assert signed_in(person("carl", "supervisor")).get("/system/").status_code == 403
    assert signed_in(anna()).get("/system/").status_code == 200


def test_system_page_shows_the_counters_of_capture() -> None:
    with capture_running(session(), []):
        text = signed_in(anna()).get("/system/").content.decode()
    assert "184,203 packets received, 0 dropped" in text
    assert "No recording component has run" not in text


def test_capture_without_status_file_is_not_running() -> None:
    assert capture() == Capture(running=False)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"[" * 200_000, b"\xff"])
def test_damaged_status_file_shows_no_counters(content: bytes) -> None:
    session().mkdir(parents=True, exist_ok=True)
    path = session() / "status.json"
    path.write_bytes(content)
    try:
        assert capture().counters == []
    finally:
        path.unlink()


def test_health_pill_says_whether_calls_are_recorded() -> None:
    client = signed_in(bob())
    assert "No capture here" in client.get("/system/health/").content.decode()
    with capture_running(session(), []):
        assert "Recording" in client.get("/system/health/").content.decode()
    stale = session() / "status.json"
    stale.write_text("{}")
    os.utime(stale, (0, 0))
    assert "Not recording" in client.get("/system/health/").content.decode()
    stale.unlink()
