"""This machine is the node "north" of the samples, and its own services are well."""

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
