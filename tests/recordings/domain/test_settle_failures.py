"""Settle in trouble: what fails is shown and kept, and costs no other call anything."""

import pytest
import time_machine

from apresa.layout import MARKER, LibraryMissing
from recordings.domain.attempts import read_attempts
from recordings.domain.place import Place
from recordings.models import Call, State
from recordings.pipeline.render.request import RenderRequest, RenderResult
from tests.recordings.domain.test_settle import library_files, run, spool_files
from tests.samples.spool import InProcess, live, sip_call, spool

pytestmark = [pytest.mark.django_db(databases=["default", "node"])]


class Dies(InProcess):
    """The worker is killed in the middle of a render."""

    def render(self, request: RenderRequest) -> RenderResult:
        self.asked.append(request)
        raise SystemExit


def test_a_damaged_call_file_is_put_aside_and_blocks_nothing(place: Place) -> None:
    session = live(place)
    session.call("000000000000").write_bytes(b"APRCALL1 00000000\n{}")
    spool(session, sip_call())
    outcome = run(place)
    assert [item.path.name for item in outcome.damaged] == ["000000000000.call"]
    assert Call.objects.count() == 1
    assert (session.calls / "damaged" / "000000000000.call").exists()


def test_a_render_that_fails_is_shown_kept_and_tried_again(place: Place) -> None:
    session = live(place)
    with time_machine.travel(1_750_000_100, tick=False) as clock:
        spool(session, sip_call())
        outcome = run(place, InProcess(refuse="000000000001"))
        call = Call.objects.get()
        assert (call.state, call.problem) == (State.FAILED, "the disk of the render process is full")
        assert outcome.failed == [("000000000001", "the disk of the render process is full")]
        assert "000000000001.call" in spool_files(place)
        assert run(place).settled == 0  # not before its time
        clock.shift(11)
        assert run(place).stored == [call.pk]
    call.refresh_from_db()
    assert (call.state, call.problem, call.version) == (State.STORED, "", 1)
    assert spool_files(place) == []


def test_a_call_that_kills_the_renderer_three_times_is_set_aside_and_blocks_nothing(place: Place) -> None:
    session = live(place)
    renderer = InProcess(poison="000000000001")
    with time_machine.travel(1_750_000_100, tick=False) as clock:
        spool(session, sip_call())
        for _ in range(6):
            run(place, renderer)
            clock.shift(4000)
        spool(session, sip_call("000000000005", "two@example.org"), {})
        run(place, renderer)
    poisoned, good = Call.objects.order_by("state")
    assert len([asked for asked in renderer.asked if asked.sources]) == 3
    assert (poisoned.state, good.state) == (State.FAILED, State.STORED)
    assert poisoned.problem == "the render process ended in the middle of the call; it was tried 3 times"
    assert "000000000001.call" in spool_files(place)


def test_an_attempt_that_its_worker_did_not_survive_counts_as_a_death(place: Place) -> None:
    session = live(place)
    spool(session, sip_call())

    with time_machine.travel(1_750_000_100, tick=False) as clock:
        for _ in range(2):  # the first time it is tried at once again
            with pytest.raises(SystemExit):
                run(place, Dies())
        assert run(place).failed == [("000000000001", "the worker ended in the middle of it")]
        clock.shift(4000)
        with pytest.raises(SystemExit):
            run(place, Dies())
        assert run(place).failed == [("000000000001", "the worker ended in the middle of it; it was tried 3 times")]
        clock.shift(4000)
        assert run(place).settled == 0
    assert Call.objects.get().state == State.FAILED
    assert read_attempts(session.call("000000000001")).set_aside


def test_without_its_marker_the_library_is_not_written_and_the_spool_keeps_all(place: Place) -> None:
    spool(live(place), sip_call())
    before = spool_files(place)
    (place.library / MARKER).unlink()
    with pytest.raises(LibraryMissing):
        run(place)
    assert (Call.objects.count(), library_files(place), spool_files(place)) == (0, [], before)
