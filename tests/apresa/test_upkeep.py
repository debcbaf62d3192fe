"""What a node does by the clock."""

from datetime import timedelta

import pytest

from apresa import database, upkeep
from apresa.accounts.models import AdministratorCopy, EndedSession
from apresa.audit import domain as audit
from apresa.audit.models import Entry
from apresa.database import DatabaseState
from apresa.node import domain as node
from apresa.shared import clock
from tests.apresa.accounts.people import anna

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def test_active_machine_copies_its_administrators_and_ships_its_acts() -> None:
    anna()
    audit.record("anna", "listen")
    upkeep.every_minute()
    assert (AdministratorCopy.objects.count(), Entry.objects.using("default").count()) == (1, 2)


def test_secondary_copies_and_ships_nothing() -> None:
    anna()
    node.join_as_secondary("recorder-1")
    upkeep.every_minute()
    assert (AdministratorCopy.objects.count(), Entry.objects.using("default").count()) == (1, 0)


def test_absent_database_leaves_the_copies_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    AdministratorCopy.objects.create(user_id=1, username="anna", password="x")
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.ABSENT)
    database.forget()
    upkeep.every_minute()
    assert AdministratorCopy.objects.get().username == "anna"


def test_ended_session_is_forgotten_when_its_cookie_is_too_old_anyway() -> None:
    now = clock.now()
    EndedSession.objects.create(session="new", ended_at=now - timedelta(hours=11))
    EndedSession.objects.create(session="old", ended_at=now - timedelta(hours=13))
    upkeep.every_day()
    assert EndedSession.objects.get().session == "new"
