"""A capture file with one whole call: alice calls bob, both speak A-law for a second, alice hangs up."""

from pathlib import Path

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.write import udp_frame, write_pcap
from recordings.pipeline.spool.journal import Kind
from tests.samples.signalling import ALICE_MEDIA, BOB_MEDIA, Story
from tests.samples.spool import spoken
from tests.samples.streams import cut, rtp

PAUSE_NS = 20_000_000


def frames(call_id: str = "call-1") -> list[Frame]:
    story = Story()
    story.answered(call_id)
    begin = story.now_ns
    story.time += 1.1
    story.bye(call_id)
    found = [record.frame() for record in story.records if record.kind == Kind.FRAME]
    for side, source, destination in (("caller", ALICE_MEDIA, BOB_MEDIA), ("callee", BOB_MEDIA, ALICE_MEDIA)):
        for number, payload in enumerate(cut(spoken(side))[:50]):
            data = udp_frame(source, destination, rtp(number, 160 * number, payload, sum(side.encode()), kind=8))
            found.append(Frame(begin + number * PAUSE_NS, 1, data, len(data)))
    return sorted(found, key=lambda frame: frame.time_ns)


def write_call_capture(path: Path, *, call_id: str = "call-1", most: int | None = None) -> Path:
    """Only the first `most` frames, when given."""
    with path.open("wb") as file:
        write_pcap(file, frames(call_id)[:most])
    return path
