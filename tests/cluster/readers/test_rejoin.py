"""The verdict among a node's replies: read as it was told, or refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.findings import finding
from cluster.readers.rejoin import read_verdict, told
from cluster.readers.reply import ReplyError
from cluster.rejoin_types import Proof, Verdict
from tests.samples.cluster.damage import damaged, read_or_refuse

PROVEN = Verdict(Proof("7700000000000000001", 5, 1000, 1120))
REFUSED = Verdict(None, (finding("beyond", node="north", other="south", bytes=8), finding("ticket")))


@pytest.mark.parametrize("verdict", [PROVEN, REFUSED])
def test_what_is_told_is_read_again(verdict: Verdict) -> None:
    assert read_verdict(told(verdict)) == verdict


@pytest.mark.parametrize(
    "change",
    [
        {"proof": {"system": "7", "timeline": -1, "position": 0, "fork": 0}},
        {"proof": {"system": "7", "timeline": 1, "position": "0/0", "fork": 0}},
        {"proof": True},
        {"against": [{"code": 1, "parameters": {}}]},
        {"against": {}},
    ],
)
def test_what_nobody_understands_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ReplyError):
        read_verdict(json.dumps({**json.loads(told(PROVEN)), **change}))


@given(st.text() | damaged(told(PROVEN)) | damaged(told(REFUSED)))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refuse(read_verdict, text)
