"""The words between the two machines."""

import json
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.pairing import messages
from cluster.pairing.messages import Done, MessageError, No, Question, Welcome

ASK: dict[str, Any] = {"release": "1", "time": 2.0, "node": "n", "name": "m", "request": "r", "proof": "p"}
GIVE: dict[str, Any] = {"node": "n", "name": "m", "authority": "a", "certificate": "c", "secrets": {"x": "y"}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=10,
)


def reading(data: bytes) -> Callable[[int], bytes]:
    return BytesIO(data).read


def test_what_is_framed_reads_back() -> None:
    assert messages.read(reading(messages.frame(ASK))) == ASK


def test_questions_and_answers_are_told_apart() -> None:
    asked = [messages.question(ASK), messages.question({"paired": "m"})]
    answered = [messages.answer(GIVE), messages.answer({"no": "later", "wait": 2})]
    assert asked == [Question("1", 2.0, "n", "m", "r", "p"), Done("m")]
    assert answered == [Welcome("n", "m", "a", "c", {"x": "y"}), No("later", 2.0)]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "hung up"),
        (b"\0\0\0\x05{}", "hung up"),
        (b"\xff\xff\xff\xff{}", "too much"),
        (b"\0\0\0\x02[]", "cannot be read"),
        (b"\0\0\0\x02\xff\xff", "cannot be read"),
    ],
)
def test_what_is_no_message_is_one_error(data: bytes, sentence: str) -> None:
    with pytest.raises(MessageError, match=sentence):
        messages.read(reading(data))


def test_proof_depends_on_code_certificate_and_request() -> None:
    proofs = {
        messages.proof(secret, certificate, request)
        for secret in (b"s", b"t")
        for certificate in (b"c", b"d")
        for request in ("r", "q")
    }
    assert len(proofs) == 8


@given(st.binary(max_size=100))
def test_any_bytes_are_a_message_or_one_error(data: bytes) -> None:
    with suppress(MessageError):
        messages.read(reading(data))


@given(
    base=st.sampled_from([ASK, GIVE, {"paired": "m"}, {"no": "n", "wait": 1.0}]), name=st.text(max_size=4), value=JSON
)
def test_any_object_is_understood_or_one_error(base: dict[str, Any], name: str, value: object) -> None:
    for key in (*base, name):
        spoilt = json.loads(json.dumps({**base, key: value}))
        with suppress(MessageError):
            messages.question(spoilt)
        with suppress(MessageError):
            messages.answer(spoilt)
