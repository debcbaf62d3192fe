"""A capture through everything, in this process: sniffer, signalling, settle, render; and what must come out of it."""

import itertools
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.render.errors import RenderError
from recordings.pipeline.render.render import render
from recordings.pipeline.render.request import RenderRequest, RenderResult
from recordings.pipeline.signalling.identity import DEFAULT_CLUSTER
from recordings.pipeline.spool.layout import Session
from tests.fuzz import corpus
from worker.sniffer import offline, signalling

_numbers = itertools.count()
opened = ExitStack()


class WrongResult(AssertionError):
    """Nothing crashed, but a call is lost, doubled or changed."""


class _Render:
    """As the render process does it, without the process."""

    def render(self, request: RenderRequest) -> RenderResult:
        from recordings.domain.rendering import RenderFailure  # noqa: PLC0415 -- Django is set up by then

        try:
            return render(request)
        except RenderError as error:
            raise RenderFailure(str(error), killed=False) from error

    def transcode(self, source: Path, target: Path, form: str, channel: str) -> None:
        raise NotImplementedError("The chain stores calls, and converts none.")


def with_canary(damaged: Iterable[Frame], begin: int) -> list[Frame]:
    """The damaged frames, with those of the undamaged call put between them by time."""
    shift = begin - corpus.START
    whole = [replace(frame, time_ns=frame.time_ns + shift) for frame in corpus.canary()]
    found: list[Frame] = []
    for frame in damaged:
        while whole and whole[0].time_ns <= frame.time_ns < begin + 10**12:
            found.append(whole.pop(0))
        found.append(frame)
    return found + whole


@cache
def _place() -> object:
    """One temporary node for all cases of this process."""
    import django  # noqa: PLC0415 -- only these targets need it

    django.setup()
    from recordings.domain.scratch import scratch_place  # noqa: PLC0415 -- after the set-up

    return opened.enter_context(scratch_place("wav"))


def _settled(data: bytes) -> list[dict[str, object]]:
    """All calls of a capture as they are stored."""
    place = _place()
    from recordings.domain.place import Place  # noqa: PLC0415 -- after the set-up
    from recordings.domain.settling import settle_session  # noqa: PLC0415
    from recordings.models import Call, Tombstone  # noqa: PLC0415

    assert isinstance(place, Place)
    session = Session(place.spool / "imports" / str(next(_numbers)))
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(data)
        file.flush()
        session.create(place.node)
        offline.run(session, place.node, file.name, max_size=256 << 20)
    reader = signalling.Signalling(session, place.node, DEFAULT_CLUSTER)
    reader.engine.wire.dissect = None  # no scapy in a process with Django
    if not signalling.finish(reader):
        raise WrongResult("signalling did not come to the end")
    outcome = settle_session(place, _Render(), session, lambda _done: None)
    left = [path.name for path in (*session.calls.iterdir(), *session.streams.iterdir())]
    found = [
        {"call_ids": call.call_ids, "end": call.end_reason, "ms": call.duration_ms, "state": call.state,
         "streams": sorted(call.streams.values_list("source", "packets", "lost", "side")),
         "audio": call.versions.get().duration_ms if call.has_audio else None}
        for call in Call.objects.all()
    ]  # fmt: skip
    Call.objects.all().delete()
    Tombstone.objects.all().delete()
    shutil.rmtree(session.path)
    for folder in place.library.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    if outcome.failed:
        raise WrongResult(f"not rendered: {outcome.failed[0]}")
    if left:
        raise WrongResult(f"left in the spool: {left[:5]}")
    return found


def anything(data: bytes) -> None:
    """Whatever the file holds, it is taken in and nothing is left behind."""
    _settled(data)


def with_a_whole_call(data: bytes) -> None:
    """The undamaged call comes out once and whole, whatever is around it."""
    found = [call for call in _settled(data) if corpus.CANARY in str(call["call_ids"])]
    sides = (("caller", corpus.CANARY_HOSTS[0]), ("callee", corpus.CANARY_HOSTS[1]))
    streams = sorted((f"{host}:7700", corpus.PACKETS, 0, side) for side, host in sides)
    wanted = {
        "call_ids": [corpus.CANARY],
        "end": "bye",
        "ms": 20 + 20 * corpus.PACKETS,
        "state": "stored",
        "streams": streams,
        "audio": 20 * corpus.PACKETS,
    }
    if found != [wanted]:
        raise WrongResult(f"the undamaged call came out as {found}")
