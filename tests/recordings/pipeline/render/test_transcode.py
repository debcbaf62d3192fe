from pathlib import Path

import numpy as np
import pytest

from recordings.pipeline.media.codecs.base import Samples
from recordings.pipeline.render.encode import FORMATS, encoding
from recordings.pipeline.render.errors import RenderError
from recordings.pipeline.render.transcode import read_audio, transcode
from tests.samples.streams import speech

STEREO = np.stack([speech(2, 1), speech(2, 2)], axis=1)


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "stored.flac"
    with encoding(path, "flac", 8000) as write:
        write(STEREO)
    return path


def heard(path: Path) -> Samples:
    return np.concatenate(list(read_audio(path)[1]))


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("both", STEREO),
        ("left", STEREO[:, :1]),
        ("right", STEREO[:, 1:]),
        ("mix", STEREO.sum(axis=1, keepdims=True, dtype=np.int32).clip(-32768, 32767)),
    ],
)
def test_each_choice_of_channels_gives_their_samples(stored: Path, channel: str, expected: Samples) -> None:
    transcode(stored, stored.with_name("out.wav"), "wav", channel)
    assert np.array_equal(heard(stored.with_name("out.wav")), expected)


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_each_format_is_written_whole_and_nothing_else_is_left(stored: Path, form: str) -> None:
    transcode(stored, stored.with_name("out"), form, "mix")
    assert abs(len(heard(stored.with_name("out"))) / read_audio(stored.with_name("out"))[0] - 2) < 0.1
    assert sorted(path.name for path in stored.parent.iterdir()) == ["out", "stored.flac"]


def test_a_file_that_is_no_audio_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"no audio at all")
    with pytest.raises(RenderError, match="cannot be read"):
        transcode(tmp_path / "text", tmp_path / "out", "wav")


def test_an_unknown_channel_names_those_that_exist(stored: Path) -> None:
    with pytest.raises(RenderError, match="both, left, right, mix"):
        transcode(stored, stored.with_name("out"), "wav", "centre")
