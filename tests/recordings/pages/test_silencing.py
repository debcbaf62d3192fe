"""Silencing calls that go on: who may, on page and API, what is written down, and what the other node hears of it."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from apresa import nodelink
from apresa.accounts.models import User
from apresa.audit.models import Entry
from apresa.config import domain as config
from apresa.nodelink import LinkError
from recordings.domain import silencing
from recordings.domain.silencing import PATH
from recordings.models import UserNumber
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.silences import Silence, parse_silence, read_silences
from tests.apresa.accounts.people import anna, bob, person
from tests.browser.live import capture_running, running_call
from tests.recordings.api.test_calls import client_of
from tests.recordings.pages.test_calls import signed_in
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
CALL, OTHERS = str(uuid.uuid5(uuid.NAMESPACE_DNS, "one")), str(uuid.uuid5(uuid.NAMESPACE_DNS, "two"))
SILENCE, RESUME = f"/active-calls/{CALL}/silence/", f"/active-calls/{CALL}/resume/"
API = f"/api/v1/active-calls/{CALL}/silence/"
SECOND = 10**9
PART = {"HX-Request": "true"}


class Other:
    """The other node's link."""

    def __init__(self, broken: str = "") -> None:
        self.broken = broken
        self.told: list[Silence] = []

    def post(self, path: str, body: dict[str, Any], *, seconds: float) -> dict[str, Any]:
        assert (path, seconds) == (PATH, 3.0)
        if self.broken:
            raise LinkError(self.broken)
        self.told.append(parse_silence(body))
        return {}


@pytest.fixture(autouse=True)
def session() -> Iterator[Session]:
    """Two calls go on; the first is known by two Call-IDs."""
    found = Session(Path(settings.APRESA.spool) / "live")
    first = {**running_call("2101", "+31205550142", ago=75, answered=66), "uuid": CALL, "call_ids": ["a@x", "b@x"]}
    second = {**running_call("2117", "2102", ago=4, answered=2), "uuid": OTHERS}
    nameless = {**running_call("2118", "2103", ago=4, answered=2), "uuid": ""}
    with capture_running(found.path, [first, second, nameless]):
        yield found
    for path in found.silences.glob("*.json"):
        path.unlink()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the time."""
    moment = [1_750_000_000 * SECOND]
    monkeypatch.setattr("time.time_ns", lambda: moment[0])
    return lambda second: moment.__setitem__(0, (1_750_000_000 + second) * SECOND)


def spans(session: Session) -> list[tuple[tuple[float, float], ...]]:
    """In seconds."""
    base = 1_750_000_000 * SECOND
    return [
        tuple(((start - base) / SECOND, (end - base) / SECOND) for start, end in one.spans)
        for one in read_silences(session.silences)
    ]


def silences_audited() -> list[Entry]:
    return list(Entry.objects.using("node").filter(action__startswith="silence").order_by("id"))


def test_a_call_is_silenced_and_heard_again(session: Session, at: Any) -> None:
    client = signed_in(person("carl", "supervisor"))
    text = client.post(SILENCE, headers=PART).content.decode()
    assert (text.count("Silenced"), text.count("Record again")) == (1, 1)
    assert spans(session) == [((0.0, 300.0),)]
    assert read_silences(session.silences)[0].call_ids == ("a@x", "b@x")
    at(12)
    text = client.post(RESUME, headers=PART).content.decode()
    assert (text.count("Silenced"), text.count("Record again")) == (0, 0)
    assert spans(session) == [((0.0, 12.0),)]
    assert [(one.actor, one.action, one.object) for one in silences_audited()] == [
        ("carl", "silence-begin", f"call {CALL}"),
        ("carl", "silence-end", f"call {CALL}"),
    ]


def test_a_forgotten_silence_ends_by_itself(session: Session, at: Any) -> None:
    config.set("capture.longest_silence", 20, by="test")
    client = signed_in(anna())
    client.post(SILENCE)
    at(21)
    assert "Record again" not in client.get("/active-calls/table/").content.decode()
    assert spans(session) == [((0.0, 20.0),)]


def test_a_call_can_be_silenced_again(at: Any) -> None:
    client = signed_in(anna())
    for second, address in enumerate((SILENCE, RESUME, SILENCE)):
        at(second)
        assert client.post(address).status_code == 302
    assert "Record again" in client.get("/active-calls/table/").content.decode()


def listener(number: str) -> User:
    user = bob()
    UserNumber.objects.create(user=user, number=number)
    return user


def test_a_listener_silences_calls_of_the_own_numbers_only(session: Session) -> None:
    client = signed_in(listener("2102"))
    text = client.post(SILENCE, headers=PART).content.decode()
    assert "This call has ended." in text
    assert read_silences(session.silences) == []
    client.post(f"/active-calls/{OTHERS}/silence/")
    assert [one.call for one in read_silences(session.silences)] == [OTHERS]


def test_who_may_not_silence_sees_no_button_and_is_refused(session: Session) -> None:
    user = listener("2101")
    user.groups.get().permissions.remove(user.groups.get().permissions.get(codename="silence_call"))
    user = User.objects.get(pk=user.pk)
    client = signed_in(user)
    assert "silence-" not in client.get("/active-calls/table/").content.decode()
    assert client.post(SILENCE).status_code == 403
    assert client_of(user, may_write=True).post(API).status_code == 403
    assert read_silences(session.silences) == []


def test_a_stranger_silences_nothing(session: Session) -> None:
    assert Client().post(SILENCE).status_code == 302
    assert Client().post(API).status_code == 401
    assert client_of(anna()).post(API).status_code == 403  # this token may only read
    assert read_silences(session.silences) == []


def test_a_call_without_an_id_has_no_button() -> None:
    text = signed_in(anna()).get("/active-calls/table/").content.decode()
    assert (text.count("<form"), text.count("2118")) == (2, 1 + text.count('id="live-2118'))


@pytest.mark.usefixtures("at")
def test_a_program_silences_a_call_for_so_long(session: Session) -> None:
    client = client_of(anna(), may_write=True)
    answer = client.post(API, {"seconds": 30}, content_type="application/json")
    until = datetime.fromtimestamp(1_750_000_030, UTC).isoformat().replace("+00:00", "Z")
    assert (answer.status_code, answer.json()) == (200, {"until": until, "not_told": ""})
    found = client.get("/api/v1/active-calls/").json()["calls"]
    assert {one["id"]: one["silenced_until"] for one in found}[CALL] == until
    assert client.delete(API).status_code == 200
    assert spans(session) == [((0.0, 0.0),)]


@pytest.mark.parametrize("seconds", [4, 301, -1, "x"])
def test_a_time_that_is_no_silence_is_refused_with_the_limits(seconds: object, session: Session) -> None:
    answer = client_of(anna(), may_write=True).post(API, {"seconds": seconds}, content_type="application/json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["seconds"])
    assert read_silences(session.silences) == []


def test_a_call_that_is_not_silenced_cannot_be_heard_again() -> None:
    answer = client_of(anna(), may_write=True).delete(API)
    assert (answer.status_code, answer.json()["message"]) == (409, "This call is not silenced now.")


def test_a_call_that_is_over_is_not_there() -> None:
    over = f"/api/v1/active-calls/{uuid.uuid4()}/silence/"
    assert client_of(anna(), may_write=True).post(over).status_code == 404


@pytest.fixture
def paired(monkeypatch: pytest.MonkeyPatch) -> Other:
    other = Other()
    monkeypatch.setattr(silencing, "is_in_cluster", lambda: True)
    monkeypatch.setattr(nodelink, "_finders", [lambda: other])
    return other


@pytest.mark.usefixtures("at")
def test_the_other_node_is_told_at_once_of_beginning_and_end(paired: Other, session: Session) -> None:
    client = signed_in(anna())
    client.post(SILENCE)
    client.post(RESUME)
    assert [one.call_ids for one in paired.told] == [("a@x", "b@x")] * 2
    assert paired.told[-1] == read_silences(session.silences)[0]


def test_a_node_that_cannot_be_told_is_said_and_it_holds_here(paired: Other, session: Session) -> None:
    paired.broken = "The other node does not answer."
    text = signed_in(anna()).post(SILENCE, headers=PART).content.decode()
    assert "It holds on this node; the other node could not be told." in text
    assert "The other node does not answer." in text
    assert len(read_silences(session.silences)) == 1
    entry = Entry.objects.using("node").get(action="silence-begin")
    assert entry.detail["other_node"] == "The other node does not answer."


def test_the_secondary_silences_what_it_hears(paired: Other, session: Session) -> None:
    client = signed_in(anna())
    with read_only_database():
        assert client.post(SILENCE).status_code == 302
    assert (len(read_silences(session.silences)), len(paired.told)) == (1, 1)


def test_page_of_a_call_leads_to_silence_and_back() -> None:
    text = signed_in(anna()).get("/active-calls/").content.decode()
    assert f'action="{reverse("silence-call", args=[CALL])}"' in text
