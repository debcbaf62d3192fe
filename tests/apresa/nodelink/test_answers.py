"""What a view of the link takes and gives."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import RequestFactory

from apresa import nodelink
from apresa.nodelink import LinkError
from apresa.nodelink.answers import Refusal, answers, body, keep

ASK = RequestFactory()


def told(response: HttpResponseBase) -> tuple[int, Any]:
    assert isinstance(response, HttpResponse)
    return response.status_code, json.loads(response.content)


@answers("POST")
def echo(request: HttpRequest) -> dict[str, Any]:
    return body(request)


@answers("GET")
def closed(_request: HttpRequest) -> dict[str, Any]:
    raise Refusal(409, "closed", "It is closed.")


def test_an_object_is_taken_and_given() -> None:
    assert told(echo(ASK.post("/", {"a": 1}, content_type="application/json"))) == (200, {"a": 1})


@pytest.mark.parametrize("sent", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_refused(sent: bytes) -> None:
    answer = told(echo(ASK.post("/", sent, content_type="application/json")))
    assert answer == (400, {"code": "unreadable", "sentence": "The question is no JSON object."})


@pytest.mark.parametrize(("view", "method"), [(echo, "get"), (closed, "post"), (closed, "put")])
def test_another_method_is_refused(view: Any, method: str) -> None:
    status, answer = told(view(getattr(ASK, method)("/")))
    assert (status, answer["code"]) == (405, "method")


def test_a_refusal_has_its_number_code_and_sentence() -> None:
    assert told(closed(ASK.get("/"))) == (409, {"code": "closed", "sentence": "It is closed."})
    assert closed(ASK.head("/")).status_code == 409


def test_what_is_uploaded_is_kept_whole(tmp_path: Path) -> None:
    sent = b"sound" * 100_000
    assert keep(ASK.put("/", sent, content_type="application/octet-stream"), tmp_path / "part") == len(sent)
    assert (tmp_path / "part").read_bytes() == sent


def test_an_upload_that_finds_no_room_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _data: Any) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", lambda *_: Full())
    with pytest.raises(Refusal) as refused:
        keep(ASK.put("/", b"x", content_type="application/octet-stream"), tmp_path / "part")
    assert (refused.value.status, str(refused.value)) == (507, "The file cannot be written: No space left on device.")
    assert list(tmp_path.iterdir()) == []


def test_without_a_room_that_has_the_link_there_is_no_other_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodelink, "_finders", [])
    with pytest.raises(LinkError, match="paired with no other node"):
        nodelink.other_node()
