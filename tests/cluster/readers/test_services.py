"""A node's own services."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.readers.reply import ReplyError
from cluster.readers.services import read_services
from cluster.types import Check, Disk, Services
from tests.samples.cluster.damage import damaged, read_or_refuse
from tests.samples.cluster.replies import SERVICES


def test_services_tell_checks_disks_and_calls() -> None:
    assert read_services(SERVICES) == Services(
        (Check("capture", True, "The recording component runs."), Check("web", True, "Port 8000 answers with 200.")),
        (Disk(("data", "spool"), 100_000_000_000, 50_000_000_000),),
        ((29_000_001, 12), (29_000_000, 9)),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"checks": []},
        {"checks": {"web": {"ok": "yes", "sentence": ""}}},
        {"disks": [{"parts": ["data"], "total": 0, "free": 0}]},
        {"disks": [{"parts": ["data"], "total": 1, "free": -1}]},
        {"heard": [[1, True]]},
        {"heard": {"1": 1}},
    ],
)
def test_services_that_nobody_understands_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ReplyError):
        read_services(json.dumps({**json.loads(SERVICES), **change}))


@given(st.text() | damaged(SERVICES))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refuse(read_services, text)
