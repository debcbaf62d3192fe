"""Tracks to voices: copies of one stream become one, payload types their codecs, packets their places."""

import itertools
from dataclasses import dataclass, field

import numpy as np

from recordings.pipeline.media import rtp
from recordings.pipeline.media.codecs.base import CodecError, Decoder
from recordings.pipeline.media.codecs.g711 import ALAW, ULAW
from recordings.pipeline.render.timeline import Quietest, place
from recordings.pipeline.render.track import Track
from recordings.pipeline.render.tracks import union
from recordings.pipeline.render.voice import Faults, Voice

MOST_VOICES = 2000  # changes of codec within one call; more is an attack
ALIKE = 3  # identical packets that make two streams copies (two hops, two mirrors)


@dataclass(slots=True, eq=False)
class Speaker:
    """One SSRC of one side with all its copies."""

    tracks: list[Track]
    ordered: rtp.Ordered
    faults: Faults = field(default_factory=Faults)

    @property
    def side(self) -> str:
        return self.tracks[0].side


def speakers(tracks: list[Track]) -> list[Speaker]:
    """Copies of one stream joined: same side, same SSRC, at least three identical packets (or all of a shorter one)."""
    groups: list[list[Track]] = []
    for track in tracks:
        for group in groups:
            if group[0].ssrc == track.ssrc and group[0].side == track.side and _alike(group[0], track):
                group.append(track)
                break
        else:
            groups.append([track])
    return [
        Speaker(group, group[0].ordered if len(group) == 1 else union([track.packets for track in group])[1])
        for group in groups
    ]


def _alike(one: Track, other: Track) -> bool:
    seen = [_facts(track.ordered) for track in (one, other)]
    return len(seen[0] & seen[1]) >= min(ALIKE, len(seen[0]), len(seen[1]))


def _facts(ordered: rtp.Ordered) -> set[tuple[int, int, int]]:
    columns = (ordered.packets.sequence, ordered.packets.timestamp, ordered.checksum)
    return set(zip(*(column.tolist() for column in columns), strict=True))


def voices(speaker: Speaker) -> list[Voice]:
    """The decodable packets of a speaker, a voice per stretch of one codec; RTP clocks are placed each as a whole."""
    main, packets = speaker.tracks[0], speaker.ordered.packets
    known = np.isin(packets.payload_type, list(main.codecs))
    if not known.any():
        return []
    missing = np.cumsum(np.maximum(np.diff(speaker.ordered.sequence, prepend=speaker.ordered.sequence[0]) - 1, 0))
    packets, missing = packets.take(known), missing[known]
    lost = np.diff(missing, prepend=missing[0])
    clocks = np.array([main.clock(number) for number in range(128)])[packets.payload_type]
    ticks = rtp.extend_timestamp(packets.timestamp)
    decoders: dict[int, Decoder] = {}

    def decoder(number: int) -> Decoder:
        if number not in decoders:
            decoders[number] = main.codecs[number].make()
        return decoders[number]

    found: list[Voice] = []
    for span in _runs(clocks):
        if len(found) >= MOST_VOICES:
            speaker.faults.note(CodecError(f"the codec changes more than {MOST_VOICES} times"))
            break
        clock = int(clocks[span.start])
        placed = place(packets.time_ns[span], ticks[span], clock, clock, _quietest(packets.take(span)))
        for part in _runs(packets.payload_type[span])[: MOST_VOICES - len(found)]:
            own = slice(span.start + part.start, span.start + part.stop)
            codec = main.codecs[int(packets.payload_type[own.start])]
            at = placed.position[part]
            begin_ns = placed.origin_ns + round(int(at[0]) * 1e9 / clock)
            position = (at - at[0]) * codec.rate // clock
            found.append(Voice(packets.take(own), codec, begin_ns, position, lost[own], decoder, speaker.faults))
    return found


def _quietest(packets: rtp.Packets) -> Quietest:
    """Of several packets the one with the least sound: the shortest, or the least amplitude where G.711 shows it."""
    tables = {0: ULAW, 8: ALAW}

    def find(begin: int, end: int) -> int:
        lengths, kind = packets.length[begin:end], int(packets.payload_type[begin])
        if kind not in tables or lengths.min() < lengths.max():
            return begin + int(lengths.argmin())
        octets = (np.frombuffer(packets.payload(at), np.uint8) for at in range(begin, end))
        levels = [float(np.abs(tables[kind][item].astype(np.int32)).sum()) for item in octets]
        return begin + int(np.argmin(levels))

    return find


def _runs(values: rtp.Ints) -> list[slice]:
    cuts = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return [slice(begin, end) for begin, end in itertools.pairwise(cuts)]


def spoken_seconds(track: Track) -> float:
    """From the first packet to the end of the last on the RTP clock, gaps included."""
    packets, clock = track.ordered.packets, track.clock()
    if not len(packets):
        return 0.0
    placed = place(packets.time_ns, rtp.extend_timestamp(packets.timestamp), clock, clock)
    last = int(placed.position.argmax())
    codec = track.codecs.get(int(packets.payload_type[last]))
    tail = codec.samples(packets.payload(last)) / codec.rate if codec else 0.0
    return float(placed.position[last] - placed.position.min()) / clock + tail
