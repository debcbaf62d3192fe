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
        intervals=intervals(track.ordered),
        digest=digest(track.ordered),
    )


def intervals(ordered: Ordered) -> tuple[tuple[int, int], ...]:
    """Inclusive runs of the sequence numbers."""
    numbers = ordered.sequence
    if not len(numbers):
        return ()
    cuts = np.flatnonzero(np.diff(numbers) != 1)
    firsts = numbers[np.concatenate([[0], cuts + 1])].tolist()
    lasts = numbers[np.concatenate([cuts, [len(numbers) - 1]])].tolist()
    return tuple(zip(firsts, lasts, strict=True))


def digest(ordered: Ordered) -> str:
    records = np.empty(len(ordered.sequence), RECORD)
    records["sequence"] = ordered.sequence
    records["timestamp"] = ordered.packets.timestamp
    records["checksum"] = ordered.checksum
    return hashlib.sha256(records.tobytes()).hexdigest()
