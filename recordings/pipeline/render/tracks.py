"""The call's stream files as tracks: one SSRC between two addresses, and who speaks in it."""

from collections import defaultdict
from pathlib import Path

import numpy as np

from recordings.pipeline.media import rtp
from recordings.pipeline.media.codecs.base import Format
from recordings.pipeline.media.codecs.registry import STATIC
from recordings.pipeline.media.srtp import open_all
from recordings.pipeline.render.errors import RenderError
from recordings.pipeline.render.identify import identify
from recordings.pipeline.render.request import Source
from recordings.pipeline.render.track import CALLEE, CALLER, Track
from recordings.pipeline.spool.calls import Binding
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.silences import Spans, outside
from recordings.pipeline.spool.streams import SILENCED, StreamData, read_stream

MOST_SSRCS = 64  # of one flow; more is noise or an attack


def load(sources: tuple[Source, ...], silences: Spans = ()) -> tuple[list[Track], list[str]]:
    """All tracks of the call, and warnings; raises RenderError when a stream file cannot be read."""
    files: dict[str, StreamData] = {}
    pieces: dict[tuple[int, str, str, str], list[Track]] = defaultdict(list)
    warnings: list[str] = []
    for source in sources:
        if source.path not in files:
            files[source.path] = _read(Path(source.path), source.key)
            if torn := files[source.path].torn_bytes:
                warnings.append(f"a stream file ends in {torn} damaged bytes, which are left out")
            elif not files[source.path].finished:
                warnings.append("a sealed stream file has no end: its writer was stopped, or the file was cut off")
        tracks = _tracks(files[source.path], source.binding, silences, warnings)
        if len(tracks) > MOST_SSRCS:
            warnings.append(f"{len(tracks)} SSRCs in one flow; the {MOST_SSRCS} with most packets are used")
            tracks = sorted(tracks, key=lambda track: -len(track.packets))[:MOST_SSRCS]
        for track in tracks:
            key = (track.ssrc, track.binding.source, track.binding.destination, track.side)
            pieces[key].append(track)
    united = [_united(several) for several in pieces.values()]
    _assign_sides(united)
    for track in united:
        identify(track)
    return united, warnings


def _read(path: Path, key: str) -> StreamData:
    try:
        return read_stream(path, bytes.fromhex(key))
    except (SpoolError, OSError) as error:
        raise RenderError(f"a stream of the call cannot be read: {error}") from error


def _tracks(data: StreamData, binding: Binding, silences: Spans, warnings: list[str]) -> list[Track]:
    inside = (data.time_ns >= binding.from_ns) & (data.time_ns <= binding.to_ns) & (data.flags & SILENCED == 0)
    inside &= outside(data.time_ns, silences)
    content, offsets, lengths = data.data, data.offsets[inside], data.lengths[inside].astype(np.int64)
    encrypted = binding.encrypted
    if binding.keys:
        clear = open_all(content, offsets, lengths, binding.keys)
        opening = clear[3]
        if opening.opened:
            content, offsets, lengths, encrypted = *clear[:3], False
            if opening.refused:
                warnings.append(f"{opening.refused} packets did not open with the keys of the call, and are left out")
    packets = rtp.parse(content, offsets, lengths, data.time_ns[inside])
    forms = {number: Format(c.name, c.rate, c.channels, c.parameters) for number, c in binding.payload_types.items()}
    holes = tuple(hole for hole in data.holes if hole.end_ns >= binding.from_ns and hole.start_ns <= binding.to_ns)
    return [
        Track(ssrc, binding, binding.side, own, rtp.order(own), holes, {**STATIC, **forms}, encrypted=encrypted)
        for ssrc, own in rtp.split(packets)
        if not binding.ssrcs or ssrc in binding.ssrcs
    ]


def _united(several: list[Track]) -> Track:
    """The same stream out of several files (spans, generations, nodes): the union of its packets."""
    first = several[0]
    if len(several) == 1:
        return first
    packets, ordered = union([track.packets for track in several])
    first.formats = {number: form for track in several for number, form in track.formats.items()}
    first.holes = tuple(dict.fromkeys(hole for track in several for hole in track.holes))
    first.encrypted = any(track.encrypted for track in several)
    first.packets, first.ordered = packets, ordered
    return first


def union(several: list[rtp.Packets]) -> tuple[rtp.Packets, rtp.Ordered]:
    """Packets of several copies in arrival order and sorted; where copies differ, the longest copy's packet stays."""
    by_length = sorted(several, key=len, reverse=True)
    packets, rank = rtp.join(by_length)
    return packets, rtp.order(packets, rank)


def _assign_sides(tracks: list[Track]) -> None:
    """Where signalling does not tell: who is heard first is the caller, what comes from that address is hers."""
    unknown = [track for track in tracks if track.side not in {CALLER, CALLEE}]
    if not unknown:
        return
    known = {track.binding.source: track.side for track in tracks if track.side in {CALLER, CALLEE}}
    first = min(unknown, key=lambda track: int(track.packets.time_ns[0]))
    left = next((source for source, side in known.items() if side == CALLER), first.binding.source)
    for track in unknown:
        own, other = track.binding.source, track.binding.destination
        towards = known.get(other)
        fallback = CALLER if own == left or _host(own) == _host(left) != _host(other) else CALLEE
        track.side = known.get(own) or {CALLER: CALLEE, CALLEE: CALLER}.get(towards or "", fallback)


def _host(endpoint: str) -> str:
    return endpoint.rpartition(":")[0]
