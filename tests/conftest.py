"""Fixtures for every test of the Django side."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache

from apresa import database, layout
from apresa.node import domain as node


@pytest.fixture(autouse=True)
def _forget_between_tests() -> Iterator[None]:
    """Nothing remembered in this process reaches the next test."""
    yield
    cache.clear()
    database.forget()


@pytest.fixture
def platform(request: pytest.FixtureRequest) -> None:
    """Both databases, the directories, and a library that this node knows."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or set(marker.kwargs.get("databases", ())) != {"default", "node"}:
        pytest.fail('the fixture "platform" needs @pytest.mark.django_db(databases=["default", "node"])')
    request.getfixturevalue("db")
    layout.prepare(settings.APRESA)
    node.claim_library(settings.APRESA.library)
