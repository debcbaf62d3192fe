"""The page, the API and the command of the mirror report."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from recordings.mirror.types import Calls, Capture, Evidence, Port, Streams
from recordings.mirror.types import Path as Way
from tests.apresa.accounts.people import anna, bob, person
from tests.recordings.api.test_calls import client_of
from tests.recordings.pages.test_calls import signed_in
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
GOOD = Evidence(
    24,
    Calls(all=100, answered=90, sounding=90),
    Streams(packets=500_000, paths=(Way("", 200, 500_000),), skew_ppm=20),
    Capture(running=True, ports=(Port("eth1", received=1_000_000),), packets=1_000_000, largest=214),
    synchronised=True,
)
ONE_WAY = Evidence(
    24, Calls(all=100, answered=90, sounding=90, one_side=60), GOOD.streams, GOOD.capture, synchronised=True
)


def report(*arguments: str) -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("mirror_report", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(str(end))
    return out.getvalue(), 0


def shows(monkeypatch: pytest.MonkeyPatch, evidence: Evidence) -> list[int]:
    """Let all three judge this; which times were asked for."""
    asked: list[int] = []

    def gathered(hours: int) -> Evidence:
        asked.append(hours)
        return evidence

    for place in ("recordings.pages.mirror", "recordings.api.mirror", "recordings.management.commands.mirror_report"):
        monkeypatch.setattr(f"{place}.gather", gathered)
    return asked


def test_page_and_api_are_for_administrators() -> None:
    assert Client().get("/system/mirror/").status_code == 302
    assert Client().get("/api/v1/mirror/").status_code == 401
    for user in (bob(), person("carl", "supervisor")):
        assert signed_in(user).get("/system/mirror/").status_code == 403
        assert client_of(user).get("/api/v1/mirror/").status_code == 403
    administrator = anna()
    assert signed_in(administrator).get("/system/mirror/").status_code == 200
    assert client_of(administrator).get("/api/v1/mirror/").status_code == 200


def test_api_changes_nothing() -> None:
    assert client_of(anna(), may_write=True).post("/api/v1/mirror/").status_code == 405


def test_a_machine_that_heard_nothing_yet_says_what_is_not_known() -> None:
    text = signed_in(anna()).get("/system/mirror/").content.decode()
    assert "The recording component does not run: nothing is heard." in text
    assert "too few to tell" in text


def test_page_shows_the_worst_first_with_cause_and_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    shows(monkeypatch, ONE_WAY)
    response = signed_in(anna()).get("/system/mirror/")
    text = response.content.decode()
    assert response.context["rows"][0][0].code == "one-direction"
    assert "60 of 90 answered calls (66.7 %) were heard from one side only." in text
    assert "The mirror session copies one direction of the port" in text
    assert "Set the session to both directions" in text
    assert "One thing is wrong" in text


def test_page_of_a_good_mirror_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    shows(monkeypatch, GOOD)
    text = signed_in(anna()).get("/system/mirror/").content.decode()
    assert "the switch delivers all that it should" in text
    assert "Likely cause" not in text


@pytest.mark.parametrize(("query", "hours"), [("", 24), ("?hours=1", 1), ("?hours=168", 168), ("?hours=9999", 24)])
def test_page_is_of_the_chosen_time(monkeypatch: pytest.MonkeyPatch, query: str, hours: int) -> None:
    asked = shows(monkeypatch, GOOD)
    assert signed_in(anna()).get(f"/system/mirror/{query}").status_code == 200
    assert asked == [hours]


def test_system_page_leads_to_the_report() -> None:
    assert 'href="/system/mirror/"' in signed_in(anna()).get("/system/").content.decode()


def test_api_has_codes_figures_and_english(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = shows(monkeypatch, ONE_WAY)
    user = anna()
    user.language = "nl"
    user.save()
    told = client_of(user).get("/api/v1/mirror/?hours=48").json()
    found = next(one for one in told["findings"] if one["topic"] == "directions")
    assert (told["level"], asked, found["code"], found["level"]) == ("bad", [48], "one-direction", "bad")
    assert found["parameters"] == {"part": 60, "whole": 90, "percent": 66.7, "hours": 24}
    assert found["cure"].startswith("Set the session to both directions")


@pytest.mark.parametrize("hours", ["0", "2209", "x", "-1", ""])
def test_api_refuses_a_wrong_time(hours: str) -> None:
    response = client_of(anna()).get(f"/api/v1/mirror/?hours={hours}")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_command_ends_by_the_worst_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    shows(monkeypatch, GOOD)
    text, code = report()
    assert (code, "Likely cause" in text) == (0, False)
    shows(monkeypatch, ONE_WAY)
    text, code = report("--hours", "1")
    assert (code, text.splitlines()[0].startswith("WRONG")) == (2, True)
    assert "         What to change: Set the session to both directions" in text
    told, code = report("--json")
    assert (json.loads(told)["level"], code) == ("bad", 2)


def test_command_refuses_a_wrong_time() -> None:
    for hours in ("0", "2209"):
        with pytest.raises(CommandError, match="a whole number from 1 to 2208"):
            report("--hours", hours)


def test_page_asks_the_database_four_times(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = signed_in(anna())
    client.get("/system/mirror/")
    with django_assert_num_queries(4):  # the user; calls, streams, long streams
        client.get("/system/mirror/")


def test_a_standby_reports_on_its_own_port() -> None:
    client = signed_in(anna())
    with read_only_database():
        assert client.get("/system/mirror/").status_code == 200
        assert report("--json")[1] == 2
