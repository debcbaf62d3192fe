import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from recordings.pipeline.media.codecs.base import Samples
from recordings.pipeline.media.codecs.g711 import ULAW
from recordings.pipeline.render.encode import FORMATS, encoding
from recordings.pipeline.render.errors import RenderError
from recordings.pipeline.render.transcode import read_audio
from tests.samples.streams import speech


def stereo(seconds: float, rate: int = 8000) -> Samples:
    return np.stack([speech(seconds, 1, rate), speech(seconds, 2, rate)], axis=1)


def written(path: Path, form: str, samples: Samples, rate: int = 8000) -> Path:
    with encoding(path, form, rate, samples.shape[1]) as write:
        for at in range(0, len(samples), 7001):
            write(samples[at : at + 7001])
    return path


def read(path: Path) -> Samples:
    _rate, blocks = read_audio(path)
    return np.concatenate(list(blocks))


@pytest.mark.parametrize("form", ["wav", "flac"])
@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_lossless_formats_give_back_each_sample(tmp_path: Path, form: str, rate: int) -> None:
    samples = stereo(3, rate)
    assert np.array_equal(read(written(tmp_path / "a", form, samples, rate)), samples)


def test_wav_is_read_by_another_reader(tmp_path: Path) -> None:
    samples = stereo(1)
    with wave.open(str(written(tmp_path / "a.wav", "wav", samples))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8000, 8000)
        assert file.readframes(8000) == samples.tobytes()


def test_ulaw_keeps_samples_that_came_from_ulaw(tmp_path: Path) -> None:
    samples = ULAW[np.random.default_rng(1).integers(0, 256, (9000, 2))]
    assert np.array_equal(read(written(tmp_path / "a", "ulaw", samples)), samples)


@pytest.mark.parametrize("form", ["opus", "mp3"])
@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_lossy_formats_keep_both_channels_apart_and_their_length(tmp_path: Path, form: str, rate: int) -> None:
    samples = stereo(3, rate)
    path = written(tmp_path / "a", form, samples, rate)
    with av.open(str(path)) as file:
        resampler: Any = av.AudioResampler(format="s16p", layout="stereo", rate=rate)
        heard = np.concatenate(
            [part.to_ndarray() for frame in file.decode(audio=0) for part in resampler.resample(frame)], axis=1
        )
    assert abs(heard.shape[1] - len(samples)) < rate // 10
    for channel in (0, 1):
        like = [best_likeness(heard[channel], samples[:, other]) for other in (channel, 1 - channel)]
        assert like[0] > 0.45
        assert like[1] < 0.3


def best_likeness(a: Samples, b: Samples) -> float:
    size = 1 << (len(a) + len(b)).bit_length()
    product = np.fft.rfft(a.astype(float), size) * np.conj(np.fft.rfft(b.astype(float), size))
    best = float(np.abs(np.fft.irfft(product, size)).max())
    return best / float(np.linalg.norm(a.astype(float)) * np.linalg.norm(b.astype(float)))


def test_an_empty_recording_is_a_whole_file(tmp_path: Path) -> None:
    with wave.open(str(written(tmp_path / "a.wav", "wav", np.zeros((0, 2), np.int16)))) as file:
        assert file.getnframes() == 0


def test_an_unknown_format_names_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="flac, wav, ulaw, opus, mp3"), encoding(tmp_path / "a", "aiff", 8000):
        pass


def test_a_rate_that_opus_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="44100"), encoding(tmp_path / "a", "opus", 44100):
        pass


def test_each_format_has_a_suffix_and_a_type() -> None:
    assert [(form.suffix, form.content_type) for form in FORMATS.values()] == [
        (".flac", "audio/flac"),
        (".wav", "audio/wav"),
        (".wav", "audio/wav"),
        (".opus", "audio/ogg"),
        (".mp3", "audio/mpeg"),
    ]
