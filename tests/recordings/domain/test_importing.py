"""Captures into the spool: whatever is wrong costs one sentence, and nothing that was captured."""

import fcntl
import os
import threading
from pathlib import Path

import pytest

from recordings.domain import importing
from recordings.domain.importing import BUSY, UNREADABLE, ImportRefused, forget, forget_broken_off, take_in
from recordings.domain.place import Place
from recordings.domain.settle import settle
from recordings.domain.settling import settle_session
from recordings.models import Call
from recordings.pipeline.capture.write import write_pcap
from recordings.pipeline.spool.errors import SpoolForeign
from tests.fuzz import corpus
from tests.samples.spool import InProcess, live, sip_call, spool

pytestmark = [pytest.mark.django_db(databases=["default", "node"])]


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "call.pcap"
    with path.open("wb") as file:
        write_pcap(file, corpus.canary())
    return path


def bring_in(place: Place, file: object, max_size: int | None = None) -> importing.Imported:
    return take_in(place, str(file), max_size=max_size, progress=lambda _packets: None)


def left_over(place: Place) -> list[str]:
    return sorted(path.name for name in ("importing", "imports") for path in (place.spool / name).glob("*"))


def test_a_capture_is_stored_once_however_often_it_is_imported(place: Place, capture: Path) -> None:
    for _ in range(2):
        imported = bring_in(place, capture)
        settle_session(place, InProcess(), imported.session, lambda _done: None)
        assert (imported.fault, forget(imported)) == ("", True)
    assert Call.objects.count() == 1
    assert left_over(place) == []


def test_a_pipe_is_read_once(place: Place, capture: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(capture.read_bytes()))
    writer.start()
    assert len(bring_in(place, pipe).calls) == 1
    writer.join()


def test_a_device_that_never_ends_is_no_capture(place: Place) -> None:
    assert bring_in(place, "/dev/zero").fault == (
        "/dev/zero: this is not a capture file (pcap or pcapng, also in gzip)"
    )


@pytest.mark.parametrize(("name", "why"), [("none", "No such file or directory"), ("", "Is a directory")])
def test_what_cannot_be_read_is_refused(place: Place, tmp_path: Path, name: str, why: str) -> None:
    file = tmp_path / name
    with pytest.raises(ImportRefused) as refused:
        bring_in(place, file)
    assert (str(refused.value), refused.value.status) == (f"{file} cannot be read: {why}.", UNREADABLE)


def test_an_import_that_is_at_work_keeps_its_files_when_another_is_refused(place: Place, capture: Path) -> None:
    folder = place.spool / "importing" / importing._name(str(capture))
    folder.mkdir(parents=True)
    handle = os.open(folder.with_suffix(".lock"), os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(ImportRefused) as refused:
        bring_in(place, capture)
    forget_broken_off(place.spool, 1e12)
    assert (refused.value.status, folder.is_dir()) == (BUSY, True)
    os.close(handle)
    forget_broken_off(place.spool, 1e12)
    assert left_over(place) == []


def test_an_import_that_was_killed_begins_anew(place: Place, capture: Path) -> None:
    folder = place.spool / "importing" / importing._name(str(capture))
    (folder / "calls").mkdir(parents=True)
    (folder / "calls" / "000000000001.call").write_bytes(b"half")
    assert len(bring_in(place, capture).calls) == 1


def test_a_session_of_another_node_is_not_waited_for(place: Place) -> None:
    session = live(place)
    spool(session, sip_call())
    (session.path / "session.json").write_text('{"format": 1, "node": "other"}')
    with pytest.raises(SpoolForeign):
        settle_session(place, InProcess(), session, lambda _done: None)


def test_a_damaged_stream_file_is_kept_aside_and_the_other_side_is_stored(place: Place) -> None:
    session = live(place)
    call = spool(session, sip_call())
    damaged = session.stream(call.streams[0].stream)
    damaged.write_bytes(b"not a stream file")
    settle(place, InProcess())
    row = Call.objects.get()
    assert (row.has_audio, row.streams.count(), bool(row.problem)) == (True, 1, True)
    assert [path.name for path in (session.streams / "damaged").iterdir()] == [damaged.name]


def test_a_stream_file_that_cannot_be_read_now_is_waited_for(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    session = live(place)
    call = spool(session, sip_call())
    stream = session.stream(call.streams[0].stream)
    kept = stream.read_bytes()
    stream.unlink()
    stream.mkdir()  # reading it is an error of the system, as a failing disk gives
    outcome = settle(place, InProcess())
    assert (len(outcome.failed), outcome.stored, session.call(call.local).exists()) == (1, [], True)
    stream.rmdir()
    stream.write_bytes(kept)
    session.call(call.local).with_suffix(".attempts").unlink()
    assert len(settle(place, InProcess()).stored) == 1


def test_a_call_that_nobody_foresaw_keeps_no_other_from_being_stored(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = live(place)
    spool(session, sip_call())
    spool(session, sip_call("000000000002", "two@example.org"), {})
    renderer = InProcess()
    render = renderer.render

    def stumble(request):  # type: ignore[no-untyped-def]
        if request.sources:
            raise OverflowError("a number that nobody foresaw")
        return render(request)

    monkeypatch.setattr(renderer, "render", stumble)
    outcome = settle(place, renderer)
    assert ([local for local, _ in outcome.failed], len(outcome.stored)) == (["000000000001"], 1)
    assert session.call("000000000001").exists()
