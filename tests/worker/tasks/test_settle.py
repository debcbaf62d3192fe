"""The worker's watch: what ends is settled, and trouble makes it wait, quietly."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from apresa.events.models import Event
from apresa.layout import MARKER
from apresa.node import domain as node
from recordings.domain.deletion import delete_call
from recordings.domain.here import here
from recordings.models import Call, Tombstone, Why
from recordings.pipeline.spool.layout import Session
from tests.samples.read_only import read_only_database
from tests.samples.spool import sip_call, spool
from worker.renderer import client
from worker.tasks import settle, upkeep

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "PAUSE_SECONDS", 0.01)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A live session of this node in a spool of its own, with one ended call."""
    monkeypatch.setitem(settings.APRESA.__dict__, "spool", tmp_path)
    place = here()
    live = Session(tmp_path / "live")
    live.create(place.node)
    spool(live, replace(sip_call(), node=place.node))
    yield live
    while settle._renderer:
        settle._renderer.pop().__exit__(None, None, None)


def test_an_ended_call_is_stored_by_the_watch(session: Session) -> None:
    settle.watch(0.3)
    assert Call.objects.get().has_audio
    assert list(session.calls.iterdir()) == []


def test_a_second_watch_on_the_same_spool_returns_at_once(session: Session) -> None:
    with settle._alone(settings.APRESA.spool) as mine:
        assert mine
        settle.settle_calls()
    assert Call.objects.count() == 0


def test_a_secondary_settles_nothing_and_keeps_its_spool(session: Session) -> None:
    node.join_as_secondary("recorder-1")
    settle.watch(0.2)
    assert Call.objects.count() == 0
    assert len(list(session.calls.glob("*.call"))) == 1


def test_a_lost_library_opens_one_alarm_which_closes_when_it_is_back(session: Session) -> None:
    marker = settings.APRESA.library / MARKER
    content = marker.read_bytes()
    marker.unlink()
    settle.watch(0.3)
    alarm = Event.objects.get(code="settle-waiting")
    assert (alarm.closed_at, Call.objects.count()) == (None, 0)
    assert "has no marker file" in alarm.sentence
    marker.write_bytes(content)
    settle.watch(0.3)
    alarm.refresh_from_db()
    assert (alarm.closed_at is not None, Call.objects.count()) == (True, 1)


def test_a_render_process_that_does_not_start_opens_an_alarm(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.Renderer.__init__, "__defaults__", (("/bin/false",),))
    settle.watch(0.3)
    assert "the render process cannot be started" in Event.objects.get(code="settle-waiting").sentence
    assert len(list(session.calls.glob("*.call"))) == 1


def test_a_read_only_database_makes_calls_wait_in_the_spool(session: Session) -> None:
    with read_only_database():
        settle.watch(0.3)
    assert Call.objects.count() == 0
    assert Event.objects.filter(code="settle-waiting", closed_at=None).count() == 1
    settle.watch(0.3)
    assert Call.objects.count() == 1


def test_files_of_a_deleted_call_are_erased(session: Session) -> None:
    settle.watch(0.3)
    call = Call.objects.get()
    delete_call(call, who="anna", why=Why.PERSON)
    grave = Tombstone.objects.get()
    files = [settings.APRESA.library / name for name in grave.files]
    assert [path.exists() for path in files] == [True] * 4
    settle.erase()
    grave.refresh_from_db()
    assert ([path.exists() for path in files], grave.files) == ([False] * 4, [])
    assert grave.erased_at is not None


def test_the_policy_file_gets_a_new_number_only_when_a_setting_changed(session: Session) -> None:
    from apresa.config import domain as config  # noqa: PLC0415
    from recordings.pipeline.spool.policy import parse_policy  # noqa: PLC0415

    numbers = []
    for seconds in (60, 60, 30, 30):
        config.set("capture.silence_timeout", seconds, by="anna")
        upkeep.policy()
        policy = parse_policy(session.policy.read_bytes())
        numbers.append((policy.number, policy.silence_timeout))
    assert numbers == [(1, 60.0), (1, 60.0), (2, 30.0), (2, 30.0)]
