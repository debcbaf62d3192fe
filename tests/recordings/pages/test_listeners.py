"""HEP agents on the system page: who sends, what is refused, and what a failover would cost."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from apresa.config import domain as config
from apresa.node import domain as node
from recordings.queries.listeners import Listener, listeners
from tests.apresa.accounts.people import anna
from tests.browser.live import capture_running
from tests.recordings.pages.test_calls import signed_in

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
ADDRESS = "192.0.2.5:9060"
AGENTS = [
    {"host": "192.0.2.7", "frames": 1200, "bad": 0, "last_ns": 1_750_000_000_000_000_000},
    {"host": "198.51.100.7", "frames": 0, "bad": 3, "last_ns": 0},
]
TOLD = {"listeners": [{"address": ADDRESS, "refused": 4, "dropped": 5, "sources": AGENTS}]}


@pytest.fixture
def told() -> Iterator[Path]:
    """A recording component that listens."""
    session = Path(settings.APRESA.spool) / "live"
    with capture_running(session, []):
        path = session / "listeners.json"
        path.write_text(json.dumps(TOLD))
        yield path
        path.unlink()


def page() -> str:
    return re.sub(r"\s+", " ", signed_in(anna()).get("/system/").content.decode())


def test_without_the_setting_no_word_is_said_of_agents(told: Path) -> None:
    assert (listeners(), "HEP" in page()) == ([], False)


def test_agents_are_shown_with_what_they_sent(told: Path) -> None:
    config.set("capture.hep_listen", ADDRESS, by="anna")
    text = page()
    assert "4 times refused as the sender is not allowed, 5 messages dropped" in text
    assert "<strong>192.0.2.7</strong> 1,200 messages, 0 that could not be read" in text
    assert [word in text for word in ("Not covered by failover", "Sends to both nodes")] == [False, False]


def test_in_a_cluster_an_agent_that_sends_to_one_node_is_not_covered_by_failover(told: Path) -> None:
    config.set("capture.hep_listen", ADDRESS, by="anna")
    config.set("capture.hep_both_nodes", "192.0.2.0/24", by="anna")
    node.join_as_secondary("recorder-1")
    [found] = listeners()
    assert [(source.host, source.covered) for source in found.sources] == [("192.0.2.7", True), ("198.51.100.7", False)]
    text = page()
    assert (text.count("Not covered by failover"), text.count("Sends to both nodes")) == (1, 1)


def test_an_address_that_is_not_listened_on_says_so(told: Path) -> None:
    config.set("capture.hep_listen", ["192.0.2.6:9060"], by="anna")
    assert listeners() == [Listener("192.0.2.6:9060")]
    assert "A change of the setting holds after a restart; the address must be one of this machine." in page()


def test_what_a_recorder_said_that_runs_no_more_is_not_believed() -> None:
    config.set("capture.hep_listen", ADDRESS, by="anna")
    path = Path(settings.APRESA.spool) / "live" / "listeners.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(TOLD))
    assert listeners() == [Listener(ADDRESS)]
    path.unlink()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"listeners": [1]}', b"[" * 200_000, b"\xff"])
def test_a_damaged_file_shows_an_address_that_is_not_listened_on(told: Path, content: bytes) -> None:
    config.set("capture.hep_listen", ADDRESS, by="anna")
    told.write_bytes(content)
    assert listeners() == [Listener(ADDRESS)]
