"""Two nodes in one process."""

from pathlib import Path

import pytest

from tests.samples.two_nodes import TwoNodes


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TwoNodes:
    return TwoNodes(tmp_path, monkeypatch)
