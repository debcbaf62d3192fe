"""A recording played at the node that stands by: it comes from the active one, with the user's own rights."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from apresa import nodelink
from apresa.accounts.models import User
from apresa.audit.models import Entry
from apresa.node import domain as node
from apresa.nodelink import LinkError, Stream
from recordings.link import asking, views
from recordings.models import Call, Version
from tests.apresa.accounts.people import anna, person
from tests.recordings.api.test_calls import client_of
from tests.recordings.api.test_parts import call, content, listener_of, stored

__all__ = ["call"]
pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
PARTS = ("audio", "peaks", "pcap", "signalling", "evidence")


class Active:
    """The active node at the other end of the link: its own urls, and the same database."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @contextmanager
    def stream(self, path: str, *, headers: Mapping[str, str]) -> Iterator[Stream]:
        self.asked.append(path)
        with linked():
            response = Client(headers=dict(headers)).get(path)
        if response.status_code >= 400:
            found = response.json() if response["Content-Type"] == "application/json" else {}
            raise LinkError(
                found.get("sentence", "Refused."), code=found.get("code", "refused"), status=response.status_code
            )
        names = {name.lower(): value for name, value in response.items()}
        yield Stream(response.status_code, names, iter([response.getvalue()]))


@contextmanager
def linked() -> Iterator[None]:
    """The link's server: its urls and its middleware."""
    with override_settings(ROOT_URLCONF="worker.link.urls", MIDDLEWARE=["worker.link.errors.ErrorMiddleware"]):
        yield


@pytest.fixture
def active(monkeypatch: pytest.MonkeyPatch) -> Active:
    """This machine stands by; who is asked over the link is active."""
    monkeypatch.setattr(asking, "is_active", lambda: False)
    other = Active()
    monkeypatch.setattr(nodelink, "_finders", [lambda: other])
    return other


def test_a_node_that_stands_by_plays_what_the_active_one_has(call: Call, active: Active) -> None:
    assert content(client_of(anna()), call, "audio/") == (200, stored(call))
    assert active.asked[0].startswith(f"/link/v1/calls/{call.pk}/audio?")


def test_ranges_are_passed_on_so_that_a_player_can_seek(call: Call, active: Active) -> None:
    whole = stored(call)
    response = client_of(anna()).get(f"/api/v1/calls/{call.pk}/audio/", headers={"Range": "bytes=10-19"})
    assert (response.status_code, response["Content-Range"]) == (206, f"bytes 10-19/{len(whole)}")
    assert response.getvalue() == whole[10:20]
    assert response["Content-Type"] == "audio/flac"


def test_a_range_behind_the_end_is_refused_as_here(call: Call, active: Active) -> None:
    assert content(client_of(anna()), call, "audio/", Range="bytes=99999999-")[0] == 416


def test_a_download_has_its_name_and_the_format_that_was_asked_for(call: Call, active: Active) -> None:
    response = client_of(anna()).get(f"/api/v1/calls/{call.pk}/audio/?download=1&channel=both&format=flac")
    assert response["Content-Disposition"].startswith('attachment; filename="')
    assert response.getvalue() == stored(call)


def test_a_head_tells_the_size_and_sends_nothing(call: Call, active: Active) -> None:
    response = client_of(anna()).head(f"/api/v1/calls/{call.pk}/audio/")
    assert (response.status_code, response["Content-Length"]) == (200, str(len(stored(call))))


@pytest.mark.parametrize("part", PARTS)
def test_rights_are_those_of_the_api_itself(part: str, call: Call, active: Active) -> None:
    allowed = {"audio": 200, "peaks": 200, "pcap": 403, "signalling": 403, "evidence": 403}
    assert content(Client(), call, f"{part}/")[0] == 401
    assert content(client_of(anna()), call, f"{part}/")[0] == 200
    stranger = client_of(person("stranger", "listener"))
    assert content(stranger, call, f"{part}/")[0] == (404 if allowed[part] == 200 else 403)
    assert content(client_of(listener_of(call)), call, f"{part}/")[0] == allowed[part]


def test_a_download_takes_its_own_right_over_there_too(call: Call, active: Active) -> None:
    status, body = content(client_of(listener_of(call)), call, "audio/?download=1")
    assert (status, b"You may not download calls." in body) == (403, True)


def test_listening_is_audited_once_by_the_active_node(call: Call, active: Active) -> None:
    content(client_of(anna()), call, "audio/")
    entries = Entry.objects.using("node").filter(action="call-listened")
    assert [(one.actor, one.object, one.address) for one in entries] == [("anna", f"call {call.pk}", "127.0.0.1")]


def test_a_right_that_was_taken_away_over_there_counts(call: Call, active: Active) -> None:
    """The standby's copy may be a moment behind."""
    user = anna()
    with linked():
        path = f"/link/v1/calls/{call.pk}/audio?user={user.pk}"
        assert Client().get(path).getvalue() == stored(call)
        User.objects.filter(pk=user.pk).update(is_active=False)
        answer = Client().get(path)
    assert (answer.status_code, answer.json()["code"]) == (403, "no-user")


@pytest.mark.parametrize("user", ["", "0", "x", "99999999999999999999999", "-1"])
def test_a_user_that_nobody_knows_hears_nothing(user: str, call: Call) -> None:
    with linked():
        answer = Client().get(f"/link/v1/calls/{call.pk}/audio?user={user}")
    assert (answer.status_code, answer.json()["code"]) == (403, "no-user")


def test_a_node_that_is_not_active_either_asks_nobody_round(
    call: Call, active: Active, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "is_active", lambda: False)
    status, body = content(client_of(anna()), call, "audio/")
    assert (status, b"active-node-unreachable" in body) == (503, True)


def test_an_active_node_that_does_not_answer_is_told_in_one_sentence(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> nodelink.Caller:
        raise LinkError("The other node does not answer (192.0.2.1: Connection refused).")

    monkeypatch.setattr(asking, "is_active", lambda: False)
    monkeypatch.setattr(nodelink, "_finders", [away])
    response = client_of(anna()).get(f"/api/v1/calls/{call.pk}/audio/")
    assert (response.status_code, response.json()) == (
        503,
        {
            "code": "active-node-unreachable",
            "message": "The recording lies on the active node, which cannot be asked now: "
            "The other node does not answer (192.0.2.1: Connection refused).",
        },
    )


def test_an_answer_that_breaks_off_does_not_look_whole(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise LinkError("The other node hung up in the middle of an answer.")

    class Breaking:
        @contextmanager
        def stream(self, _path: str, **_: object) -> Iterator[Stream]:
            yield Stream(200, {"content-length": "8", "content-type": "audio/flac"}, chunks())

    monkeypatch.setattr(asking, "is_active", lambda: False)
    monkeypatch.setattr(nodelink, "_finders", [Breaking])
    response: Any = client_of(anna()).get(f"/api/v1/calls/{call.pk}/audio/")
    with pytest.raises(LinkError):
        b"".join(response)


def test_the_page_of_a_call_plays_it_on_the_standby(call: Call, active: Active, tmp_path: Path) -> None:
    client = Client()
    client.force_login(anna())
    page = client.get(f"/calls/{call.pk}/").content.decode()
    assert f'data-audio="/api/v1/calls/{call.pk}/audio/"' in page
    assert client.get(f"/api/v1/calls/{call.pk}/audio/").getvalue() == stored(call)


def test_a_call_without_audio_is_told_by_the_active_nodes_own_words(call: Call, active: Active) -> None:
    Version.objects.filter(call=call).update(file="")
    status, body = content(client_of(anna()), call, "audio/")
    assert (status, b'"code":"no-audio"' in body.replace(b" ", b"")) == (404, True)


def test_a_machine_that_stands_alone_asks_nobody(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert node.is_active()
    monkeypatch.setattr(nodelink, "_finders", [])
    assert content(client_of(anna()), call, "audio/")[0] == 200
    assert settings.ROOT_URLCONF == "apresa.urls"
