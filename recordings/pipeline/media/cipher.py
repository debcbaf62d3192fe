"""Payloads that are not what their payload type says, but cipher text: SRTP or ZRTP that signalling did not show."""

import numpy as np

from recordings.pipeline.media.rtp import Packets

LEAST_OCTETS = 8000  # below, chance decides
MOST_OCTETS = 200_000


def looks_encrypted(packets: Packets) -> bool:
    """Whether the octets are spread evenly, as no sample codec (G.711, G.722, G.726, L16) spreads them.

    Chi-square over 255 degrees of freedom: cipher text gives 255 ± 23; speech, tones and silence give thousands.
    """
    looked_at = int(np.searchsorted(np.cumsum(packets.length), MOST_OCTETS, "right")) + 1
    octets = np.frombuffer(packets.joined(0, min(looked_at, len(packets))), np.uint8)
    count = len(octets)
    if count < LEAST_OCTETS:
        return False
    seen = np.bincount(octets, minlength=256)
    even = count / 256
    return float(((seen - even) ** 2 / even).sum()) < 255 + 8 * 22.6


def scattered_first_octet(packets: Packets) -> bool:
    """Whether an Opus stream's first octets (mode and frame size, all but constant) look random."""
    firsts = [payload[0] for _, payload in zip(range(1000), packets.payloads(), strict=False) if payload]
    return len(firsts) >= 50 and len(set(firsts)) > min(len(firsts), 256) // 3
