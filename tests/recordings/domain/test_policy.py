"""The setting that joins legs, from a person's words through the policy file to the calls."""

from pathlib import Path

import pytest

from apresa.config import domain as config
from recordings.domain.policy import write_current
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.policy import PolicyReader
from tests.samples.signalling import two_legs

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def test_legs_become_one_call_once_the_setting_names_their_header(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.create("n1")
    story = two_legs(({"X-CID": "77"}, {"X-CID": "77"}))
    found = []
    for words in ("", "Session-ID, X-CID"):
        config.set("capture.leg_headers", words, by="anna")
        write_current(session)
        policy = PolicyReader(session.policy).current()
        found.append((policy.leg_headers, sorted(call.call_ids for call in story.calls(policy))))
    assert found == [
        ((), [("behind",), ("front",)]),
        (("session-id", "x-cid"), [("front", "behind")]),
    ]
