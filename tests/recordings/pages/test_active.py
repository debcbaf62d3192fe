"""The active calls: what signalling tells, to those who may know it."""

import json
import socket
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from recordings.models import UserNumber
from recordings.queries import live
from tests.apresa.accounts.people import anna, bob
from tests.browser.live import capture_running, running_call
from tests.recordings.pages.test_calls import signed_in

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


def session() -> Path:
    return Path(settings.APRESA.spool) / "live"


CALLS = [
    running_call("2101", "+31205550142", ago=75, answered=66),
    running_call("2117", "2102", ago=4, answered=None),
]


def test_running_calls_are_listed_the_longest_first() -> None:
    user = anna()
    with capture_running(session(), CALLS[::-1]):
        found = live.running_calls(user)
    assert [(call.caller, call.callee, call.answered) for call in found.calls] == [
        ("2101", "+31205550142", True),
        ("2117", "2102", False),
    ]


def test_listener_sees_the_running_calls_of_the_own_numbers_only() -> None:
    user = bob()
    UserNumber.objects.create(user=user, number="2102")
    with capture_running(session(), CALLS):
        text = signed_in(user).get("/active-calls/table/").content.decode()
    assert "2117" in text
    assert "+31205550142" not in text


def test_page_says_that_capture_is_not_running() -> None:
    assert "Capture is not running on this machine." in signed_in(anna()).get("/active-calls/").content.decode()


def test_page_without_calls_says_that_none_is_going_on() -> None:
    with capture_running(session(), []):
        text = signed_in(anna()).get("/active-calls/").content.decode()
    assert "No call is going on" in text
    assert "Capture is not running" not in text


def test_stranger_is_sent_to_the_sign_in_page() -> None:
    assert Client().get("/active-calls/table/").status_code == 302


@pytest.mark.parametrize(
    ("answer", "answering"),
    [
        (b"", False),
        (b"no json", False),
        (b"[1, 2]", True),
        (b'{"calls": 5}', True),
        (
            json.dumps({"calls": [{}, None, 7, {"started_ns": "x"}, {"started_ns": 10**40, "local": "1"}]}).encode(),
            True,
        ),
    ],
)
def test_nonsense_from_the_socket_is_no_call_and_no_error(answer: bytes, answering: bool) -> None:
    session().mkdir(parents=True, exist_ok=True)
    path = session() / "signalling.sock"
    user = anna()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        door.settimeout(10)

        def serve() -> None:
            visitor, _ = door.accept()
            with visitor:
                visitor.sendall(answer)

        worker = threading.Thread(target=serve)
        worker.start()
        found = live.running_calls(user)
        worker.join()
    path.unlink()
    assert (found.answering, found.calls) == (answering, [])
