"""How payloads are cut into codec frames. A whole number in place of a frame is that many samples of silence (DTX)."""

from collections.abc import Callable

from recordings.pipeline.media.codecs.base import CodecError, Format

Frames = list[bytes | int]
Framing = Callable[[bytes], Frames]
MOST_FRAMES = 64  # 20 ms each: no packet holds more than a second

AMR_BITS = {0: 95, 1: 103, 2: 118, 3: 134, 4: 148, 5: 159, 6: 204, 7: 244, 8: 39, 15: 0}
AMR_WB_BITS = {0: 132, 1: 177, 2: 253, 3: 285, 4: 317, 5: 365, 6: 397, 7: 461, 8: 477, 9: 40, 14: 0, 15: 0}


def whole(payload: bytes) -> Frames:
    return [payload]


def fixed(size: int) -> Framing:
    """Frames of one size (GSM 33 octets, iLBC 38 or 50)."""

    def split(payload: bytes) -> Frames:
        if not payload or len(payload) % size:
            raise CodecError(f"a payload of {len(payload)} octets does not hold whole frames of {size}")
        return [payload[at : at + size] for at in range(0, len(payload), size)]

    return split


def g729(payload: bytes) -> Frames:
    """10 octets for 80 samples; the last frame may be the 2 octets of a comfort-noise frame (RFC 3551 4.5.6)."""
    full, rest = divmod(len(payload), 10)
    if rest not in {0, 2} or not payload:
        raise CodecError(f"a G.729 payload cannot have {len(payload)} octets")
    frames: Frames = [payload[at * 10 : at * 10 + 10] for at in range(full)]
    return [*frames, 80] if rest else frames


def g723(payload: bytes) -> Frames:
    """240 samples per frame; its first two bits tell the size (RFC 3551 4.5.3): 24, 20, 4 (noise) or 1 octet."""
    frames: Frames = []
    at = 0
    while at < len(payload):
        size = (24, 20, 4, 1)[payload[at] & 3]
        if at + size > len(payload):
            raise CodecError("a G.723.1 frame is cut")
        frames.append(payload[at : at + size] if size >= 20 else 240)
        at += size
    return frames


def amr(form: Format, wide: bool) -> Framing:
    """AMR payloads (RFC 4867), bandwidth-efficient or octet-aligned, to frames as stored in files (section 5.3)."""
    for option in ("crc", "interleaving", "robust-sorting"):
        if form.parameter(option) not in {"", "0"}:
            raise CodecError(f"AMR with {option} is not supported")
    aligned = form.parameter("octet-align") == "1"
    bits = AMR_WB_BITS if wide else AMR_BITS
    noise = 9 if wide else 8
    samples = 320 if wide else 160

    def split(payload: bytes) -> Frames:
        reader = _Bits(payload)
        reader.take(8 if aligned else 4)  # the mode request is for the other side
        types = _amr_types(reader, aligned)
        frames: Frames = []
        for kind, quality in types:
            if kind not in bits:
                raise CodecError(f"AMR frame type {kind} is reserved")
            size = bits[kind]
            speech = reader.take(size)
            if aligned:
                reader.take(-size % 8)
            if kind >= noise or not quality:
                frames.append(samples)
                continue
            octets = (size + 7) // 8
            frames.append(bytes([kind << 3 | 4]) + (speech << (octets * 8 - size)).to_bytes(octets, "big"))
        return frames

    return split


def _amr_types(reader: "_Bits", aligned: bool) -> list[tuple[int, int]]:
    """The table of contents: (frame type, quality bit) until an entry says that it is the last."""
    types: list[tuple[int, int]] = []
    more = 1
    while more:
        more = reader.take(1)
        types.append((reader.take(4), reader.take(1)))
        reader.take(2 if aligned else 0)
        if len(types) > MOST_FRAMES:
            raise CodecError("an AMR payload announces too many frames")
    return types


class _Bits:
    """Bits of a payload from the front; raises CodecError behind the end."""

    def __init__(self, payload: bytes) -> None:
        self.value = int.from_bytes(payload, "big")
        self.left = len(payload) * 8

    def take(self, count: int) -> int:
        if count > self.left:
            raise CodecError("the payload is cut")
        self.left -= count
        return self.value >> self.left & ((1 << count) - 1)


def opus_samples(payload: bytes) -> int:
    """Samples per channel at 48 kHz that an Opus packet announces (RFC 6716 3.1)."""
    if not payload:
        return 0
    config, code = payload[0] >> 3, payload[0] & 3
    if config < 12:
        frame = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        frame = (480, 960)[config & 1]
    else:
        frame = (120, 240, 480, 960)[config & 3]
    if code == 3:
        return frame * (payload[1] & 63) if len(payload) > 1 else 0
    return frame * (1, 2, 2)[code]
