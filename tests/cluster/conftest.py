"""This machine is the node "north" of the samples."""

import pytest


@pytest.fixture
def on_north(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "north.example.org")
