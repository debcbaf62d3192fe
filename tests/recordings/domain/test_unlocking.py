"""A reboot with sealed calls in the spool: they wait, nothing is lost, and an unlock brings them all."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.conf import LazySettings

from apresa.shared.sealing.datakey import unwrap_half
from apresa.shared.sealing.errors import SealingError
from apresa.shared.sealing.header import parse_header
from recordings.domain import unlocking
from recordings.domain.claim import any_due, claim
from recordings.domain.importing import Imported, take_in
from recordings.domain.place import Place
from recordings.domain.settle import Outcome, settle
from recordings.domain.unlocking import Waiting, waiting
from recordings.health import check_sealed
from recordings.models import Call
from recordings.pipeline.capture.pcap import read_blocks
from recordings.pipeline.capture.write import write_pcap
from recordings.pipeline.spool.keys import KeyFolder
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.making_way import make_way
from tests.fuzz import corpus
from tests.samples.cores import SLOTS, new_core
from tests.samples.sealing import PRIVATE, all_bytes, boot, reboot, sealed_session
from tests.samples.spool import NODE, InProcess
from worker.sniffer import arena
from worker.sniffer.offline import steps

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("key_folder")]


@pytest.fixture(autouse=True)
def folder() -> Iterator[KeyFolder]:
    with boot() as found:
        yield found
        unlocking._asked.clear()


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "call.pcap"
    with path.open("wb") as file:
        write_pcap(file, corpus.canary())
    return path


@pytest.fixture
def session(place: Place) -> Session:
    return sealed_session(place.spool / "live", NODE)


def bring_in(place: Place, capture: Path) -> Imported:
    return take_in(place, str(capture), max_size=None, progress=lambda _packets: None)


def record(session: Session, capture: Path) -> None:
    """The capture as if it came from the wire, without an end."""
    core = new_core(session, arena.private(SLOTS))
    for block in read_blocks(capture):
        for batch in steps(block):
            core.feed(batch)
            core.tick(int(batch.time_ns.max()))
    core.close()
    os.close(core.files.sealing._run.lock) if core.files.sealing._run else None  # its process is gone


def vault(header: bytes) -> bytes:
    return unwrap_half(parse_header(header), PRIVATE)


def locked_vault(header: bytes) -> bytes:
    raise SealingError("Nobody unlocked this machine since it started.")


def run(place: Place) -> Outcome:
    return settle(place, InProcess())


def payloads() -> list[bytes]:
    """What was said: the ends of the longest frames."""
    longest = max(len(frame.data) for frame in corpus.canary())
    return [frame.data[-60:] for frame in corpus.canary() if len(frame.data) == longest]


def test_a_sealed_capture_settles_in_the_same_boot_without_an_unlock(
    place: Place, session: Session, capture: Path
) -> None:
    imported = bring_in(place, capture)
    found = all_bytes(imported.session.path)
    assert [said in found for said in payloads()] == [False] * len(payloads())
    assert b"INVITE" not in found
    assert len(run(place).stored) == len(imported.calls) > 0
    assert Call.objects.filter(has_audio=True).count() == len(imported.calls)


def test_the_same_capture_lies_in_clear_while_encryption_is_off(place: Place, capture: Path) -> None:
    found = all_bytes(bring_in(place, capture).session.path)
    assert [said in found for said in payloads()] == [True] * len(payloads())
    assert b"INVITE" in found


def test_a_sealed_call_is_stored_with_the_same_sound_as_a_clear_one(
    place: Place, capture: Path, tmp_path: Path
) -> None:
    bring_in(place, capture)
    run(place)
    clear = sorted(Call.objects.values_list("duration_ms", "codecs", "versions__sha256"))
    Call.objects.all().delete()
    sealed_session(place.spool / "live", NODE)
    bring_in(place, capture)
    run(place)
    assert sorted(Call.objects.values_list("duration_ms", "codecs", "versions__sha256")) == clear


def test_after_a_reboot_ended_calls_are_no_work_and_no_fault(
    place: Place, session: Session, capture: Path, key_folder: KeyFolder
) -> None:
    calls = len(bring_in(place, capture).calls)
    reboot(key_folder)
    assert any_due(place.spool) is False
    batch = claim(place.spool, NODE, time.time())
    assert (batch.claimed, batch.damaged, batch.died) == ([], [], [])
    assert waiting(place.spool) == Waiting(calls, 0)


def test_a_call_whose_stream_alone_is_locked_waits_too(
    place: Place, session: Session, capture: Path, key_folder: KeyFolder
) -> None:
    imported = bring_in(place, capture)
    before = key_folder.runs()
    for path in imported.session.streams.glob("*.stream"):
        key_folder.forget(parse_header(path.read_bytes()[:129]).call)
    assert key_folder.runs() != before
    outcome = run(place)
    assert (outcome.settled, outcome.failed, outcome.damaged) == (0, [], [])


def test_an_unlock_brings_the_calls_that_waited(
    place: Place, session: Session, capture: Path, key_folder: KeyFolder
) -> None:
    calls = len(bring_in(place, capture).calls)
    reboot(key_folder)
    unlocking.ask_by(locked_vault)
    assert unlocking.unlock(place.spool, NODE) == 0
    assert run(place).settled == 0
    unlocking.ask_by(vault)
    assert unlocking.unlock(place.spool, NODE) > 0
    assert len(run(place).stored) == calls
    assert waiting(place.spool) == Waiting(0, 0)


def test_a_call_that_went_on_when_the_power_failed_is_found_after_the_unlock(
    place: Place, session: Session, capture: Path, key_folder: KeyFolder
) -> None:
    record(session, capture)
    reboot(key_folder)
    moved = make_way(session, NODE)
    assert moved is not None
    assert unlocking.recover(place.spool, NODE) == []
    assert waiting(place.spool) == Waiting(0, 1)
    unlocking.ask_by(vault)
    unlocking.unlock(place.spool, NODE)
    assert unlocking.recover(place.spool, NODE) == [moved]
    assert unlocking.recover(place.spool, NODE) == []
    assert len(run(place).stored) > 0
    assert set(Call.objects.values_list("has_audio", flat=True)) == {True}
    assert b"INVITE" not in all_bytes(place.spool)


def test_a_session_of_an_earlier_boot_goes_once_its_calls_are_stored(
    place: Place, session: Session, capture: Path, key_folder: KeyFolder
) -> None:
    record(session, capture)
    reboot(key_folder)
    moved = make_way(session, NODE)
    assert moved is not None
    unlocking.forget(place.spool, NODE)
    assert moved.exists()  # locked
    unlocking.ask_by(vault)
    unlocking.unlock(place.spool, NODE)
    unlocking.forget(place.spool, NODE)
    assert moved.exists()  # unlocked, and not looked through
    unlocking.recover(place.spool, NODE)
    unlocking.forget(place.spool, NODE)
    assert moved.exists()  # its calls are not stored
    run(place)
    unlocking.forget(place.spool, NODE)
    assert not moved.exists()


def test_a_key_goes_with_the_last_file_that_needs_it(
    place: Place, session: Session, capture: Path, key_folder: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = bring_in(place, capture)
    unlocking.forget(place.spool, NODE)
    assert key_folder.runs() != set()
    run(place)
    for path in imported.session.path.rglob("*"):
        if path.is_file() and path.suffix in {".journal", ".stream", ".resolved"} | {".json", ".log"}:
            path.unlink() if path.name != "session.json" else None
    unlocking.forget(place.spool, NODE)
    assert (key_folder.runs(), list(imported.session.runs.iterdir())) == (set(), [])


def test_a_key_that_is_younger_than_its_first_file_stays(place: Place, session: Session, key_folder: KeyFolder) -> None:
    key_folder.put(run_id := uuid4(), bytes(32))
    unlocking.forget(place.spool, NODE)
    assert key_folder.runs() == {run_id}


def test_health_tells_of_calls_that_wait(
    place: Place, session: Session, capture: Path, key_folder: KeyFolder, settings: LazySettings
) -> None:
    settings.APRESA = SimpleNamespace(spool=place.spool)
    assert check_sealed().ok is True
    calls = len(bring_in(place, capture).calls)
    reboot(key_folder)
    found = check_sealed()
    assert (found.ok, found.sentence.split(".")[0]) == (False, f"Sealed, waits for unlock: {calls} ended calls")
