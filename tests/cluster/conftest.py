"""This machine is the node "north" of the samples, and its own services are well."""

from pathlib import Path

import pytest

from cluster.domain import services
from tests.samples.cluster.replies import SERVICES


@pytest.fixture(autouse=True)
def _well(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are asked in a thread of their own, which sees nothing of a test's transaction."""
    monkeypatch.setattr(services, "tell", lambda **_: SERVICES)


@pytest.fixture
def on_north(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "north.example.org")


@pytest.fixture
def nothing_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What an old database knows alone has tests of its own."""
    monkeypatch.setattr("apresa.handover._kinds", {})
    monkeypatch.setattr("cluster.domain.handing.folder", lambda: tmp_path / "handover")
