"""One prompt, sent with each codec by other people's software: what is decoded must sound like the G.711 of it."""

import json
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from recordings.pipeline.capture.frames import Datagram
from recordings.pipeline.capture.link import decode
from recordings.pipeline.capture.pcap import read_frames
from recordings.pipeline.render.render import render
from recordings.pipeline.render.request import RenderRequest
from recordings.pipeline.render.transcode import read_audio
from recordings.pipeline.spool.calls import Codec
from tests.samples.shared import CAPTURES
from tests.samples.streams import Timed, source

pytestmark = pytest.mark.shared
CLOCKS = {"opus": 48000}
LEAST = {"G726-40": 0.8, "AAL2-G726-40": 0.8, "iLBC": 0.8}  # FFmpeg's decoders of these are rough
REFERENCE = "NormB+sipnab/tests/pcap-samples/sip-rtp-g711.pcap"


def prompts() -> list[tuple[str, str, str, str]]:
    """(file, codec, source, destination) of each stream that carries the prompt; nothing where captures are missing."""
    expected = CAPTURES / "expected.json"
    files = json.loads(expected.read_text()) if expected.exists() else []
    same = [entry for entry in files if (entry.get("known_audio") or {}).get("group") == "sip-rtp"]
    plain = [entry for entry in same if not entry["file"].startswith("derived+")]
    return [(entry["file"], row["codec"], row["src"], row["dst"]) for entry in plain for row in entry["streams"]]


@cache
def flows(file: str) -> dict[tuple[str, str], list[Timed]]:
    found: dict[tuple[str, str], list[Timed]] = defaultdict(list)
    for frame in read_frames(CAPTURES / file):
        datagram = decode(frame)
        if isinstance(datagram, Datagram) and len(datagram.payload) >= 12 and datagram.payload[0] >> 6 == 2:
            found[datagram.source, datagram.destination].append((datagram.time_ns, datagram.payload))
    return found


def loudness(folder: Path, file: str, codec: str, ends: tuple[str, str]) -> NDArray[np.float64]:
    """The level over 40 ms, each 2 ms."""
    codecs = {number: Codec(codec, CLOCKS.get(codec, 8000)) for number in range(96, 128)}
    made = render(
        RenderRequest((source(folder, "1", flows(file)[ends], codecs=codecs, addresses=ends),), str(folder), "a", "wav")
    )
    assert made.audio, made.why_no_audio
    assert (made.streams[0].undecodable, made.warnings) == (0, ())
    rate, blocks = read_audio(folder / made.audio)
    samples = np.concatenate(list(blocks))[:, 0].astype(np.float64)
    step = rate // 500
    whole = len(samples) // step * step
    power = (samples[:whole].reshape(-1, step) ** 2).mean(axis=1)
    levels: NDArray[np.float64] = np.sqrt(np.convolve(power, np.ones(20) / 20, "same"))
    return levels


@pytest.mark.parametrize(("file", "codec", "one", "other"), prompts())
def test_the_prompt_is_heard_whatever_the_codec(tmp_path: Path, file: str, codec: str, one: str, other: str) -> None:
    (folder := tmp_path / "reference").mkdir()
    reference = next(row for row in prompts() if row[0] == REFERENCE)
    spoken = loudness(folder, reference[0], reference[1], reference[2:])
    heard = loudness(tmp_path, file, codec, (one, other))
    size = min(len(spoken), len(heard)) - 40
    best = max(np.corrcoef(heard[late : late + size], spoken[:size])[0, 1] for late in range(40))
    assert best > LEAST.get(codec, 0.95)
