"""Fixtures for every test of the Django side."""

import shutil
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache

from apresa import database, layout
from apresa.node import domain as node
from cluster.domain import services
from recordings.pipeline.spool.keys import KeyFolder
from tests.samples.sealing import boot

# On a busy machine a slow example says nothing of the code; Hypothesis does the same by itself where CI is set.
hypothesis.settings.register_profile(
    "here", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], parent=hypothesis.settings()
)
if hypothesis.settings.get_current_profile_name() == "default":
    hypothesis.settings.load_profile("here")


@pytest.fixture(autouse=True)
def _forget_between_tests() -> Iterator[None]:
    """Nothing remembered in this process, and nothing in its spool, reaches the next test."""
    own = settings.APRESA
    yield
    cache.clear()
    database.forget()
    shutil.rmtree(own.spool, ignore_errors=True)
    (own.run / services.ALIVE).unlink(missing_ok=True)


@pytest.fixture
def key_folder() -> Iterator[KeyFolder]:
    """The keys of sealed spool files, in memory as of a boot."""
    with boot() as found:
        yield found


@pytest.fixture
def platform(request: pytest.FixtureRequest) -> None:
    """Both databases, the directories, and a library that this node knows."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or set(marker.kwargs.get("databases", ())) != {"default", "node"}:
        pytest.fail('the fixture "platform" needs @pytest.mark.django_db(databases=["default", "node"])')
    request.getfixturevalue("db")
    layout.prepare(settings.APRESA)
    node.claim_library(settings.APRESA.library)
