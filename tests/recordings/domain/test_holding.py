"""What this node holds of the calls, for the comparison of two nodes."""

import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from django.db.utils import OperationalError

from apresa.handover.calls import Calls
from apresa.node.domain import identity
from recordings.domain.deletion import delete_call
from recordings.domain.holding import Here
from recordings.domain.settle import settle
from recordings.models import Call, Why
from recordings.pipeline.spool.layout import Session
from tests.samples.spool import InProcess, live, make_place, rtp_call, sip_call, spool

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def test_the_stored_and_the_spooled_calls_are_told_with_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = make_place(tmp_path)
    spool(live(place), sip_call())
    settle(place, InProcess())
    call = Call.objects.get()
    own = Session(tmp_path / "own" / "live")
    own.create(str(identity().uuid))
    waiting = spool(own, rtp_call())
    monkeypatch.setattr("recordings.domain.holding.settings.APRESA", _With(tmp_path / "own"))
    found = Here().held()
    assert found == Calls(1, found.last, (str(call.pk),), (waiting.uuid,))
    assert found.last is not None
    assert found.last >= call.ended
    deleted = uuid.UUID(int=1)
    assert Here().known([str(call.pk), str(deleted), "nonsense"]) == {str(call.pk)}
    name = str(call.pk)
    delete_call(call, who="anna", why=Why.PERSON)
    assert Here().known([name]) == {name}  # also as deleted


class _With:
    def __init__(self, folder: Path) -> None:
        self.spool = folder


def test_a_database_that_is_down_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_arguments: object, **_named: object) -> None:
        raise OperationalError("no connection")

    monkeypatch.setattr(Call.objects, "count", down, raising=False)
    monkeypatch.setattr(Call.objects, "filter", down, raising=False)
    found = Here().held()
    assert replace(found, last=None) == Calls(None, None, None, ())
    assert Here().known([str(uuid.UUID(int=1))]) is None
