"""Which packets a recording holds, so that two copies of a call can be compared without their audio."""

import hashlib

import numpy as np

from recordings.pipeline.media.rtp import Ordered
from recordings.pipeline.render.request import Coverage
from recordings.pipeline.render.track import Track

RECORD = np.dtype([("sequence", ">u8"), ("timestamp", ">u4"), ("checksum", ">u4")])


def coverage(track: Track) -> Coverage:
    return Coverage(
        ssrc=f"0x{track.ssrc:08x}",
        source=track.binding.source,
        destination=track.binding.destination,
        intervals=track.ordered.intervals(),
        digest=digest(track.ordered),
    )


def digest(ordered: Ordered) -> str:
    records = np.empty(len(ordered.sequence), RECORD)
    records["sequence"] = ordered.sequence
    records["timestamp"] = ordered.packets.timestamp
    records["checksum"] = ordered.checksum
    return hashlib.sha256(records.tobytes()).hexdigest()
