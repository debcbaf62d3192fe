"""A node's part of a witness, ordered by the other one: what goes over the link, and what is done at its end."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from apresa.audit.models import Entry
from apresa.nodelink import LinkError
from cluster import orders
from cluster.commands import Command
from cluster.helper import OrderRefused
from cluster.link import orders as link_orders
from cluster.link import views_witness
from cluster.link.orders import OtherNode, known
from cluster.runner import CommandUnavailable
from cluster.types import Result
from tests.fakes.runner import Call, expecting

GOOD = [
    orders.witness_add("203.0.113.9"),
    orders.witness_reach("203.0.113.9"),
    orders.WITNESS_REMOVE,
    orders.witness_service(on=True),
    orders.witness_service(on=False),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


class South:
    """The other end of the link."""

    def __init__(self, answer: Mapping[str, Any] | LinkError) -> None:
        self._answer = answer
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def post(self, path: str, body: Mapping[str, Any], **_limits: object) -> dict[str, Any]:
        self.asked.append((path, body))
        if isinstance(self._answer, LinkError):
            raise self._answer
        return dict(self._answer)


def by_link(monkeypatch: pytest.MonkeyPatch, answer: Mapping[str, Any] | LinkError) -> South:
    south = South(answer)
    monkeypatch.setattr(link_orders, "other_node", lambda: south)
    return south


@pytest.mark.parametrize("command", GOOD)
def test_what_is_sent_is_the_same_order_at_the_other_end(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    south = by_link(monkeypatch, {"code": 0, "said": "fine"})
    assert OtherNode().run(command) == Result(command.argv, 0, "fine", "")
    path, sent = south.asked[0]
    assert path == "/link/v1/witness"
    assert known(json.loads(json.dumps(sent))) == command


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({}, "The other node's answer cannot be read; is it of the same release?"),
        ({"code": "0", "said": ""}, "The other node's answer cannot be read; is it of the same release?"),
        (LinkError("It hung up."), "It hung up."),
        (LinkError("No answer in time.", code="late"), "No answer in time."),
    ],
)
def test_no_answer_is_told(
    answer: Mapping[str, Any] | LinkError, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_link(monkeypatch, answer)
    with pytest.raises(CommandUnavailable) as caught:
        OtherNode().run(orders.WITNESS_REMOVE)
    assert str(caught.value) == sentence


def test_only_orders_go_to_the_other_node() -> None:
    with pytest.raises(CommandUnavailable, match=r"^The other node does not do this\.$"):
        OtherNode().run(Command("id", ("id",)))


@given(JSON | st.fixed_dictionaries({"verb": st.sampled_from(["witness-add", "maintenance"]), "values": JSON}))
def test_no_other_order_is_known(asked: Any) -> None:
    found = known(asked) if isinstance(asked, dict) else None
    assert found is None or (found.order is not None and found.order.verb == asked["verb"] == "witness-add")


@pytest.mark.parametrize("order", [("standby", {"node": "north", "on": True}), ("quorum-policy", {"policy": "stop"})])
def test_the_other_node_orders_nothing_else(order: tuple[str, dict[str, Any]]) -> None:
    assert known({"verb": order[0], "values": order[1]}) is None


def asked(monkeypatch: pytest.MonkeyPatch, body: object, *calls: Call) -> tuple[int, dict[str, Any]]:
    with expecting(*calls) as runner:
        monkeypatch.setattr(views_witness, "runner_here", lambda: runner)
        request = RequestFactory().post("/link/v1/witness", json.dumps(body), content_type="application/json")
        response = views_witness.order(request)
    return response.status_code, json.loads(getattr(response, "content", b"{}"))


@pytest.mark.django_db(databases=["default", "node"])
@pytest.mark.usefixtures("platform")
def test_an_order_is_done_with_its_trail(monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"verb": "witness-add", "values": {"host": "203.0.113.9"}}
    assert asked(monkeypatch, body, Call(orders.witness_add("203.0.113.9"), "done\n")) == (
        200,
        {"code": 0, "said": "done"},
    )
    entry = Entry.objects.using("node").get(action="cluster-order")
    assert (entry.actor, entry.object) == ("other node", "witness-add 203.0.113.9")


@pytest.mark.django_db(databases=["default", "node"])
@pytest.mark.usefixtures("platform")
def test_a_refusal_of_the_helper_is_told_to_the_other_node(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Call(orders.WITNESS_REMOVE, unavailable=OrderRefused("It is left as it is."))
    status, answer = asked(monkeypatch, {"verb": "witness-remove", "values": {}}, refused)
    assert (status, answer["sentence"]) == (409, "It is left as it is.")
    assert Entry.objects.using("node").filter(action="cluster-order-refused").count() == 1


@pytest.mark.parametrize("body", [{}, [], {"verb": "witness-service", "values": {"on": 1}}])
def test_any_other_question_is_refused(body: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, body)[0] == 400
