"""Ended calls in a spool, as signalling leaves them, and a place to settle them."""

import uuid
from dataclasses import replace
from functools import cache
from pathlib import Path

from apresa.layout import mark_library
from recordings.domain.place import Place
from recordings.domain.rendering import RenderFailure
from recordings.pipeline.media.codecs.g711 import encode_ulaw
from recordings.pipeline.render import render, transcode
from recordings.pipeline.render.errors import RenderError
from recordings.pipeline.render.request import RenderRequest, RenderResult
from recordings.pipeline.spool.calls import Binding, CallFile, Message, write_call
from recordings.pipeline.spool.layout import Session
from tests.samples.streams import ALICE, BOB, MS, START, Timed, cut, speech, talk, write_stream

NODE = "5f0c1c1e-0000-4000-8000-000000000001"
SECOND = 1000 * MS
VOICES = {"caller": (ALICE, BOB, 0xA11CE), "callee": (BOB, ALICE, 0xB0B)}


class InProcess:
    """The real render without its process; stream files with `poison` in their name kill it, `refuse` fail."""

    def __init__(self, poison: str = "", refuse: str = "") -> None:
        self.poison, self.refuse = poison, refuse
        self.asked: list[RenderRequest] = []

    def render(self, request: RenderRequest) -> RenderResult:
        self.asked.append(request)
        names = [source.path for source in request.sources]
        if self.poison and any(self.poison in name for name in names):
            raise RenderFailure("the render process ended in the middle of the call", killed=True)
        if self.refuse and any(self.refuse in name for name in names):
            raise RenderFailure("the disk of the render process is full", killed=False)
        try:
            return render.render(request)
        except RenderError as error:
            raise RenderFailure(str(error), killed=False) from error

    def transcode(self, source: Path, target: Path, form: str, channel: str) -> None:
        transcode.transcode(source, target, form, channel)


def make_place(root: Path) -> Place:
    for name in ("spool", "library", "work"):
        (root / name).mkdir()
    return Place(root / "spool", root / "library", root / "work", NODE, mark_library(root / "library"))


def live(place: Place) -> Session:
    session = Session(place.spool / "live")
    session.create(place.node)
    return session


@cache
def spoken(side: str) -> bytes:
    """Four seconds of a voice in µ-law."""
    return encode_ulaw(speech(4, seed=VOICES[side][2]))


def packets(side: str, first: int = 0, count: int = 50, begin: int = START) -> list[Timed]:
    """Part of one long stream: packet n is the same in every part that has it."""
    return talk(
        cut(spoken(side))[first : first + count],
        ssrc=VOICES[side][2],
        sequence=1000 + first,
        stamp=160 * first,
        start=begin + first * 20 * MS,
    )


def sip_call(local: str = "000000000001", call_id: str = "one@example.org", begin: int = START) -> CallFile:
    """A call of a second from 100 to 200, without streams."""
    return CallFile(
        local=local,
        node=NODE,
        uuid=str(uuid.uuid5(uuid.NAMESPACE_URL, call_id)),
        protocol="sip",
        started_ns=begin - SECOND,
        answered_ns=begin,
        ended_ns=begin + SECOND,
        end_reason="bye",
        caller="100",
        callee="200",
        call_ids=(call_id,),
        keys=(("dialog", call_id, "from-tag"), ("dialog", call_id, "to-tag")),
        messages=(Message(begin - SECOND, ALICE, BOB, "udp", "INVITE sip:200@example.org SIP/2.0\r\n\r\n"),),
    )


def rtp_call(local: str = "000000000002", begin: int = START) -> CallFile:
    """The same conversation, seen without its signalling."""
    return CallFile(
        local=local,
        node=NODE,
        uuid=str(uuid.uuid5(uuid.NAMESPACE_URL, f"rtp {begin}")),
        protocol="rtp",
        started_ns=begin,
        answered_ns=begin,
        ended_ns=begin + SECOND,
        end_reason="timeout",
        caller=ALICE,
        callee=BOB,
    )


def with_streams(session: Session, call: CallFile, parts: dict[str, list[Timed]]) -> CallFile:
    """The call with a stream file for each side, resolved, and their keys."""
    bindings, keys = list(call.streams), list(call.keys)
    for side, timed in parts.items():
        source, destination, ssrc = VOICES[side]
        name = f"{call.local}-{side}"
        write_stream(session.streams, name, timed, source, destination)
        session.resolved(name).touch()
        bindings.append(Binding(name, source, destination, timed[0][0], timed[-1][0], side))
        keys += [("stream", f"0x{ssrc:08x}", source, destination), ("media", source), ("media", destination)]
    return replace(call, streams=tuple(bindings), keys=tuple(dict.fromkeys(keys)))


def spool(session: Session, call: CallFile, parts: dict[str, list[Timed]] | None = None) -> CallFile:
    """Write an ended call with its streams."""
    whole = with_streams(session, call, {side: packets(side) for side in VOICES} if parts is None else parts)
    write_call(session.call(whole.local), whole)
    return whole
