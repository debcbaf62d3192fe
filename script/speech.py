"""Make the two sides of the demonstration call: `.venv/bin/python -m script.speech` (needs espeak-ng)."""

import io
import subprocess
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

SAMPLES = Path(__file__).resolve().parent.parent / "worker" / "demo" / "samples"
RATE = 8000
SECONDS = 10.4
# (start in seconds, what is said); the two sides overlap once, as people do
CALLER = (
    (0.3, "Good morning, this is Alice from Harbour Freight."),
    (6.1, "Lovely. One call, one recording. Goodbye!"),
)
CALLEE = (
    (3.3, "Hello Alice, this is Bob. Your two containers arrived."),
    (9.1, "Thanks, goodbye."),
)

Samples = npt.NDArray[np.int16]


def spoken(text: str, voice: str, speed: int) -> Samples:
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-a", "120", "--stdout", text]
    wave = subprocess.run(command, check=True, capture_output=True, timeout=30).stdout
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(io.BytesIO(wave)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.int16)


def side(lines: tuple[tuple[float, str], ...], voice: str, speed: int) -> Samples:
    # Faint noise of the line: without it a pause would compare equal to any other pause.
    total = np.random.default_rng(len(voice + lines[0][1])).normal(0, 24, int(SECONDS * RATE)).astype(np.int16)
    for start, text in lines:
        at = int(start * RATE)
        words = spoken(text, voice, speed)[: len(total) - at]
        total[at : at + len(words)] = np.clip(total[at : at + len(words)] + words.astype(np.int32), -32768, 32767)
    return total


def ulaw(samples: Samples) -> bytes:
    """G.711 section 3: sign, segment, step, all bits inverted."""
    value = samples.astype(np.int32)
    magnitude = np.minimum(np.abs(value), 32635) + 132
    segment = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    step = (magnitude >> (segment + 3)) & 0x0F
    octets: bytes = (~(np.where(value < 0, 0x80, 0) | (segment << 4) | step) & 0xFF).astype(np.uint8).tobytes()
    return octets


def main() -> None:
    SAMPLES.mkdir(exist_ok=True)
    (SAMPLES / "caller.ulaw").write_bytes(ulaw(side(CALLER, "en-us+f3", 165)))
    (SAMPLES / "callee.ulaw").write_bytes(ulaw(side(CALLEE, "en-gb+m3", 160)))


if __name__ == "__main__":
    main()
