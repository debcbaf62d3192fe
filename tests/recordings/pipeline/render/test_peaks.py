import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.pipeline.render.peaks import PeakMeter, PeaksError, parse_peaks, peaks_json
from tests.samples.streams import speech

STEREO = np.stack([speech(1.01, 1), speech(1.01, 2)], axis=1)


def test_peaks_are_the_extremes_of_each_20_ms() -> None:
    meter = PeakMeter(8000)
    meter.add(STEREO)
    points = parse_peaks(meter.pack())
    assert points.shape == (51, 2, 2)
    for at in range(51):
        part = STEREO[at * 160 : at * 160 + 160]
        assert points[at].tolist() == [[c.min() >> 8, c.max() >> 8] for c in part.T]


@given(st.lists(st.integers(0, 700), max_size=12))
def test_peaks_do_not_depend_on_how_the_samples_are_cut(sizes: list[int]) -> None:
    whole, pieces = PeakMeter(8000), PeakMeter(8000)
    whole.add(STEREO)
    rest = STEREO
    for size in sizes:
        pieces.add(rest[:size])
        rest = rest[size:]
    pieces.add(rest)
    assert pieces.pack() == whole.pack()


def test_json_gives_each_channel_in_turn_between_minus_one_and_one() -> None:
    meter = PeakMeter(8000)
    meter.add(np.array([[-32768, 0]] * 80 + [[32767, 16384]] * 80, np.int16))
    assert peaks_json(meter.pack()) == [[-1.0, 0.992], [0.0, 0.5]]


@given(st.binary(max_size=60))
def test_any_bytes_are_peaks_or_refused(data: bytes) -> None:
    for text in (data, b"APKS\1\2\x32\0" + data):
        try:
            points = parse_peaks(text)
        except PeaksError:
            continue
        assert points.shape[1:] in {(1, 2), (2, 2)}


def test_a_cut_file_is_refused() -> None:
    meter = PeakMeter(8000)
    meter.add(STEREO)
    with pytest.raises(PeaksError):
        parse_peaks(meter.pack()[:-1])
