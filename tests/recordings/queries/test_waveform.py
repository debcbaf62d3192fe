"""The waveform of a long call is thinned without hiding its loud places."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recordings.pipeline.render.peaks import PeakMeter
from recordings.queries.waveform import _grouped, read_waveform


def test_a_long_call_is_thinned_and_keeps_its_loudest_moment(tmp_path: Path) -> None:
    samples = np.zeros((8000 * 60, 2), np.int16)
    samples[8000 * 31 + 17] = (-20_000, 30_000)
    meter = PeakMeter(8000)
    meter.add(samples)
    (tmp_path / "peaks").write_bytes(meter.pack())
    found = read_waveform(tmp_path / "peaks", most=100)
    assert [len(side) for side in found.peaks] == [200, 200]
    assert round(found.per_second, 2) == 1.67
    assert (min(found.peaks[0]), max(found.peaks[1])) == (-0.617, 0.914)


@given(st.lists(st.tuples(st.integers(-128, 0), st.integers(0, 127)), min_size=1, max_size=60), st.integers(1, 70))
def test_each_group_holds_the_extremes_of_its_points(values: list[tuple[int, int]], step: int) -> None:
    points = np.array(values, np.int8).reshape(-1, 1, 2)
    found = [(int(least), int(greatest)) for ((least, greatest),) in _grouped(points, step)]
    groups = [values[at : at + step] for at in range(0, len(values), step)]
    assert found == [(min(low for low, _ in group), max(high for _, high in group)) for group in groups]
