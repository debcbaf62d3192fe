"""The other node's signature beside ours: of what it has itself, and no other."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from apresa import nodelink
from apresa.nodelink import LinkError
from recordings.domain import auditing, countersigning
from recordings.domain.chaining import link_all
from recordings.evidence.chain import ProofError
from recordings.models import Call, Head, NodeKey
from tests.samples.evidence import new_key

pytestmark = [pytest.mark.django_db(databases=["default", "node"])]
OTHER = str(uuid.UUID(int=5))


class Other:
    def __init__(self, answer: Callable[[list[str]], dict[str, Any]]) -> None:
        self.answer = answer

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        assert path == countersigning.PATH
        return self.answer(body["texts"])


def signing(key: Any, node: str = OTHER) -> Callable[[list[str]], dict[str, Any]]:
    return lambda texts: {
        "node": node,
        "name": "b",
        "public": key.public,
        "signatures": {t: key.sign(t) for t in texts},
    }


def ask(monkeypatch: pytest.MonkeyPatch, answer: Callable[[list[str]], dict[str, Any]]) -> int:
    monkeypatch.setattr(nodelink, "other_node", lambda: Other(answer))
    return countersigning.ask()


def test_a_head_is_signed_by_both_once(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    link_all()
    key = new_key()
    assert (ask(monkeypatch, signing(key)), ask(monkeypatch, signing(key))) == (1, 0)
    assert [item["key"] == key.public for item in Head.objects.get().signatures] == [False, True]
    assert (NodeKey.objects.count(), auditing.faults()) == (2, [])


def test_a_bad_answer_is_not_kept(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    link_all()
    key, stranger = new_key(), new_key()
    bad = {"signatures": {text: stranger.sign(text) for text in Head.objects.values_list("text", flat=True)}}
    for answer in ({}, {"signatures": 3}, {**signing(key)([]), **bad}):
        with pytest.raises(ProofError):
            ask(monkeypatch, lambda _texts, given=answer: given)  # type: ignore[misc]
    assert (len(Head.objects.get().signatures), NodeKey.objects.count()) == (1, 1)


def test_a_node_that_cannot_be_asked_costs_nothing(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_texts: list[str]) -> dict[str, Any]:
        raise LinkError("no")

    link_all()
    assert ask(monkeypatch, unreachable) == 0


def test_only_what_this_node_has_itself_is_signed(call: Call) -> None:
    link_all()
    text = Head.objects.get().text
    assert list(countersigning.answer([text, f"{text} "])["signatures"]) == [text]
