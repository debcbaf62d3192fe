"""G.711 and 16-bit linear: decoded by table, exact to the bit."""

import numpy as np

from recordings.pipeline.media.codecs.base import CodecError, Samples


def _ulaw_table() -> Samples:
    """ITU-T G.711 table 2: codes are sent inverted; 14-bit values shifted to 16."""
    code = ~np.arange(256, dtype=np.int32) & 255
    magnitude = (((code & 15) << 3) + 132 << (code >> 4 & 7)) - 132
    return np.where(code & 128, -magnitude, magnitude).astype(np.int16)


def _alaw_table() -> Samples:
    """ITU-T G.711 table 1: even bits are sent inverted; 13-bit values shifted to 16."""
    code = np.arange(256, dtype=np.int32) ^ 0x55
    segment, step = code >> 4 & 7, (code & 15) << 4
    magnitude = np.where(segment == 0, step + 8, step + 264 << np.maximum(segment - 1, 0))
    return np.where(code & 128, magnitude, -magnitude).astype(np.int16)


ULAW = _ulaw_table()
ALAW = _alaw_table()


class TableDecoder:
    """One sample per octet, by table."""

    def __init__(self, table: Samples) -> None:
        self.table = table

    def decode(self, payload: bytes) -> Samples:
        return self.table[np.frombuffer(payload, np.uint8)]


class LinearDecoder:
    """L16 (RFC 3551 4.5.11): big-endian samples, channels interleaved; several channels become their mean."""

    def __init__(self, channels: int = 1) -> None:
        self.channels = channels

    def decode(self, payload: bytes) -> Samples:
        if len(payload) % (2 * self.channels):
            raise CodecError("an L16 payload must hold whole samples")
        samples = np.frombuffer(payload, ">i2").reshape(-1, self.channels)
        if self.channels == 1:
            return samples[:, 0].astype(np.int16)
        mixed: Samples = samples.mean(axis=1).round().astype(np.int16)
        return mixed


def encode_ulaw(samples: Samples) -> bytes:
    """The nearest code for each sample (the decision values of G.711)."""
    return _ENCODE[samples.astype(np.int32) + 32768].tobytes()


def _encode_table() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """G.711's decision values lie midway between two outputs: the nearest output is the code."""
    codes = np.argsort(ULAW, kind="stable")
    values = ULAW[codes].astype(np.int32)
    edges = (values[:-1] + values[1:]) / 2
    return codes[np.searchsorted(edges, np.arange(-32768, 32768), side="right")].astype(np.uint8)


_ENCODE = _encode_table()
