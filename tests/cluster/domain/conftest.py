"""What tests of this room share."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from cluster.domain import setup, setup_doing, setup_undo, setup_works
from tests.cluster.domain.set_up import set_world
from tests.cluster.setup.test_world import WORLD
from tests.fakes.machine import FakeMachine


@pytest.fixture
def bare_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = settings.APRESA.model_copy(update={"data": tmp_path})
    for path in ("library", "default_database"):  # kept by the copied ones, once they were asked for
        vars(own).pop(path, None)
    monkeypatch.setattr(settings, "APRESA", own)
    for folder in (settings.APRESA.library, tmp_path / "cluster" / "volume"):
        folder.mkdir(parents=True)
    (settings.APRESA.library / "1.opus").write_bytes(b"sound")
    settings.APRESA.default_database.write_bytes(b"")
    (tmp_path / "node").mkdir()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> FakeMachine:
    found = FakeMachine()
    monkeypatch.setattr(setup_doing, "seen", lambda *_: found.seen())
    set_world(monkeypatch, WORLD)

    def switch(name: str, *_: Any) -> None:
        found._work(name)

    def aside(*_: Any) -> None:
        found._work("aside")

    monkeypatch.setattr(setup_works, "switch", switch)
    monkeypatch.setattr(setup_works, "WORKS", {**setup_works.WORKS, "aside": aside})
    monkeypatch.setattr(setup, "seen", lambda *_: found.seen())
    undone = {name: lambda *_, name=name: found._work(name) for name in ("compare", "back")}
    monkeypatch.setattr(setup_undo, "WORKS", {**setup_undo.WORKS, **undone})
    return found
