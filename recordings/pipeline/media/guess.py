"""What payloads say of themselves where SDP is missing or wrong."""

import numpy as np

from recordings.pipeline.media.codecs.registry import Codec
from recordings.pipeline.media.dtmf import EVENTS
from recordings.pipeline.media.rtp import Packets

CLOCKS = (8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000)
SAMPLE = 500  # packets looked at


def true_clock(packets: Packets, codec: Codec, announced: int) -> int:
    """The RTP clock in Hz that the timestamps follow: devices send G.722 with 16000, Opus with 8000 …

    packets are those of one payload type in sequence order; announced is returned when nothing else is clear.
    """
    head = packets.take(slice(0, SAMPLE))
    seconds = np.array([codec.samples(payload) / codec.rate for payload in head.payloads()])
    follows = (np.diff(head.sequence) % 65536 == 1) & (seconds[:-1] > 0)
    steps = (np.diff(head.timestamp) % (1 << 32))[follows]
    if len(steps) < 10:
        return announced
    measured = float(np.median(steps / seconds[:-1][follows]))
    near = min(CLOCKS, key=lambda clock: abs(clock - measured))
    return near if abs(near - measured) < 0.02 * near else announced


def looks_like_events(packets: Packets) -> bool:
    """Whether these are telephone events (RFC 4733): four octets, a key, the reserved bit unset."""
    bodies = [payload for _, payload in zip(range(SAMPLE), packets.payloads(), strict=False)]
    return len(bodies) >= 3 and all(len(body) == 4 and body[0] < len(EVENTS) and not body[1] & 0x40 for body in bodies)
