"""A settled call of this node, and the database that the other node had."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recordings.domain.place import Place
from recordings.domain.settle import settle
from recordings.models import Call
from tests.fakes.old_database import old_database
from tests.samples.spool import InProcess, live, make_place, sip_call, spool


@pytest.fixture
def old(tmp_path: Path) -> Iterator[str]:
    with old_database(tmp_path) as alias:
        yield alias


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


@pytest.fixture
def call(place: Place) -> Call:
    spool(live(place), sip_call())
    settle(place, InProcess())
    found: Call = Call.objects.get()
    return found
