"""What a track carries: its codecs and clocks, and cipher text that signalling did not show."""

import numpy as np

from recordings.pipeline.media.cipher import looks_encrypted, scattered_first_octet
from recordings.pipeline.media.codecs.base import CodecError, Format
from recordings.pipeline.media.codecs.registry import EVENT, NOISE, canonical, find
from recordings.pipeline.media.guess import looks_like_events, true_clock
from recordings.pipeline.media.rtp import Packets
from recordings.pipeline.render.track import Track


def identify(track: Track) -> None:
    """Fill the track's codecs, clocks, unknown payload types and whether it is encrypted."""
    for number in np.unique(track.ordered.packets.payload_type).tolist():
        _payload_type(track, number, _of_type(track, number))
    codec = track.codecs.get(track.main_type)
    if codec and not track.encrypted:
        mine = _of_type(track, track.main_type)
        track.encrypted = (codec.density > 0 and looks_encrypted(mine)) or (
            codec.name == "opus" and scattered_first_octet(mine)
        )


def _of_type(track: Track, number: int) -> Packets:
    return track.ordered.packets.take(track.ordered.packets.payload_type == number)


def _payload_type(track: Track, number: int, packets: Packets) -> None:
    form = track.formats.get(number)
    if form is None and looks_like_events(packets):
        form = track.formats[number] = Format(EVENT)
    if form and canonical(form.name) in {EVENT, NOISE}:
        return
    if form is None:
        track.unknown[number] = f"the codec of payload type {number} was not announced"
        return
    try:
        codec = find(form)
        clock = true_clock(packets, codec, track.clock(number))
        if clock != form.clock:
            track.clocks[number] = clock
            codec = find(Format(form.name, clock, form.channels, form.parameters))
        track.codecs[number] = codec
    except CodecError as error:
        track.unknown[number] = str(error)
