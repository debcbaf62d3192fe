"""Fixtures of the capture tests."""

from pathlib import Path

import pytest

from tests.samples import shared


@pytest.fixture
def shared_captures() -> Path:
    """The reference captures; the test is skipped where they are missing."""
    return shared.captures()
