"""The render process and who asks it."""

import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from apresa.shared.sealing.records import HEAD
from recordings.pipeline.media.codecs.g711 import encode_ulaw
from recordings.pipeline.render.request import RenderRequest
from recordings.pipeline.spool.content import key_of
from tests.samples.sealing import boot, reboot, sealing
from tests.samples.streams import cut, source, speech, talk
from worker.renderer.client import Renderer, RenderFailed, deadline

BREAKS = "import sys; sys.stdin.readline(); {}"


def request_for(folder: Path, form: str = "flac") -> RenderRequest:
    timed = talk(cut(encode_ulaw(speech(2))))
    return RenderRequest((source(folder, "1", timed),), str(folder), "call", form)


def child(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", BREAKS.format(code))


def test_a_call_is_rendered_in_the_child(tmp_path: Path) -> None:
    with Renderer() as renderer:
        result = renderer.render(request_for(tmp_path))
    assert (result.audio, result.seconds) == ("call.flac", 2.0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.stream", "call.flac", "call.peaks"]


def test_a_sealed_call_is_rendered_by_a_child_that_has_the_key_of_its_stream_alone(tmp_path: Path) -> None:
    [clear] = request_for(tmp_path).sources
    session, how = sealing(tmp_path)
    path = session.stream("1")
    with boot() as folder, Renderer() as renderer:
        how.write(path, Path(clear.path).read_bytes())
        key = key_of(path).hex()
        reboot(folder)
        with pytest.raises(RenderFailed, match="sealed, waits for unlock"):
            renderer.render(RenderRequest((replace(clear, path=str(path)),), str(tmp_path), "without"))
        result = renderer.render(RenderRequest((replace(clear, path=str(path), key=key),), str(tmp_path), "call"))
    assert (result.audio, result.seconds, result.warnings) == ("call.flac", 2.0, ())


def test_a_sealed_stream_without_an_end_is_told(tmp_path: Path) -> None:
    [clear] = request_for(tmp_path).sources
    session, how = sealing(tmp_path)
    path = session.stream("1")
    with boot(), Renderer() as renderer:
        records = how.begin("1")
        assert records is not None
        path.write_bytes(records.head + records.seal(HEAD, Path(clear.path).read_bytes()))
        asked = replace(clear, path=str(path), key=key_of(path).hex())
        result = renderer.render(RenderRequest((asked,), str(tmp_path), "call"))
    assert result.warnings == ("a sealed stream file has no end: its writer was stopped, or the file was cut off",)


def test_the_child_is_kept_and_renewed_after_its_death(tmp_path: Path) -> None:
    asked = request_for(tmp_path)
    with Renderer() as renderer:
        renderer.render(asked)
        first = renderer.process
        renderer.render(asked)
        assert renderer.process is first
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        assert renderer.render(asked).audio == "call.flac"
        assert renderer.process is not first


def test_a_fault_of_the_request_is_told_and_the_child_lives_on(tmp_path: Path) -> None:
    with Renderer() as renderer:
        with pytest.raises(RenderFailed) as failure:
            renderer.render(request_for(tmp_path, "aiff"))
        assert (failure.value.code, failure.value.reason) == (
            "failed",
            "audio format 'aiff' is unknown; choose one of flac, wav, ulaw, opus, mp3",
        )
        (tmp_path / "1.stream").unlink()
        assert renderer.render(request_for(tmp_path)).audio == "call.flac"


def test_a_child_that_dies_is_told(tmp_path: Path) -> None:
    with Renderer(child("import os; os.abort()")) as renderer, pytest.raises(RenderFailed) as failure:
        renderer.render(request_for(tmp_path))
    assert (failure.value.code, failure.value.reason) == (
        "died",
        "the render process ended in the middle of the call (signal 6)",
    )


def test_a_child_that_hangs_is_ended_at_the_deadline(tmp_path: Path) -> None:
    with Renderer(child("import time; time.sleep(600)")) as renderer, pytest.raises(RenderFailed) as failure:
        renderer.render(request_for(tmp_path), seconds=0.3)
    assert failure.value.code == "timeout"


def test_a_child_killed_in_the_middle_leaves_temporary_files_only(tmp_path: Path) -> None:
    asked = replace(request_for(tmp_path, "mp3"), sources=(source(tmp_path, "2", talk([b"\xff" * 160] * 50 * 3600)),))
    with Renderer() as renderer:
        kills = Thread(target=kill_when_writing, args=(renderer, tmp_path))
        kills.start()
        with pytest.raises(RenderFailed) as failure:
            renderer.render(asked)
        kills.join()
    assert failure.value.code == "died"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".call.mp3.part", "1.stream", "2.stream"]


def kill_when_writing(renderer: Renderer, folder: Path) -> None:
    until = time.monotonic() + 60
    while not list(folder.glob(".*.part")) and time.monotonic() < until:
        time.sleep(0.005)
    if renderer.process:
        os.kill(renderer.process.pid, signal.SIGKILL)


@pytest.mark.parametrize("answer", ["nonsense", "[]", '{"result": {}}', '{"other": 1}'])
def test_an_answer_that_cannot_be_read_is_a_failure(tmp_path: Path, answer: str) -> None:
    code = f"print({answer!r}, flush=True); sys.stdin.readline()"
    with Renderer(child(code)) as renderer, pytest.raises(RenderFailed) as failure:
        renderer.render(request_for(tmp_path))
    assert failure.value.code == "died"


def test_the_deadline_grows_with_the_call(tmp_path: Path) -> None:
    asked = request_for(tmp_path)
    assert 60 < deadline(RenderRequest((), str(tmp_path), "call")) + 0.01 < deadline(asked)
