import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.render.timeline import Placed, place

MS = 1_000_000
START = 1_750_000_000_000_000_000


def placed(arrivals_ms: list[float], ticks: list[int], clock: int = 8000, rate: int = 8000) -> Placed:
    times = START + (np.array(arrivals_ms) * MS).astype(np.int64)
    return place(times, np.array(ticks, np.int64), clock, rate)


def test_packets_of_a_steady_sender_join_without_a_seam() -> None:
    found = placed([0, 20, 40, 60], [500, 660, 820, 980])
    assert (found.origin_ns, found.position.tolist()) == (START, [0, 160, 320, 480])


def test_jitter_moves_no_packet() -> None:
    found = placed([5, 45, 40, 77, 80], [0, 160, 320, 480, 640])
    assert (found.origin_ns, found.position.tolist()) == (START, [0, 160, 320, 480, 640])


def test_a_burst_after_a_stall_falls_back_to_its_places() -> None:
    arrivals = [at * 20.0 for at in range(50)]
    arrivals[20:40] = [800.0] * 20
    ticks = [at * 160 for at in range(50)]
    assert placed(arrivals, ticks).position.tolist() == ticks


def test_a_pause_that_the_rtp_clock_does_not_know_is_kept() -> None:
    arrivals = [at * 20.0 + (3000 if at >= 30 else 0) for at in range(60)]
    position = placed(arrivals, [at * 160 for at in range(60)]).position
    assert np.diff(position).tolist() == [160] * 29 + [160 + 24000] + [160] * 29


def test_a_jump_of_the_rtp_clock_is_no_pause() -> None:
    ticks = [at * 160 + (10**9 if at >= 30 else 0) for at in range(60)]
    assert placed([at * 20.0 for at in range(60)], ticks).position.tolist() == [at * 160 for at in range(60)]


def test_one_packet_with_a_wild_timestamp_moves_no_other() -> None:
    ticks = [at * 160 for at in range(60)]
    ticks[30] += 10**8
    position = placed([at * 20.0 for at in range(60)], ticks).position.tolist()
    assert [at for index, at in enumerate(position) if index != 30] == [at * 160 for at in range(60) if at != 30]


@pytest.mark.parametrize("wild", [0, 5_000_000, 2_000_000_000, 2**32 - 1])
@pytest.mark.parametrize("place", [0, 30, 31, 59])
def test_no_packet_is_placed_far_from_its_arrival(wild: int, place: int) -> None:
    ticks = [2_500_000_000 + at * 160 for at in range(60)]
    ticks[place] = wild
    found = placed([at * 20.0 for at in range(60)], ticks)
    assert abs(found.origin_ns - START) < 31 * 10**9
    assert np.abs(found.position).max() < 62 * 8000


def test_a_wideband_codec_with_an_8_khz_clock_is_placed_at_16_khz() -> None:
    assert placed([0, 20, 40], [0, 160, 320], rate=16000).position.tolist() == [0, 320, 640]


@pytest.mark.parametrize("parts_per_million", [-300, -100, 100, 300])
def test_drift_stays_within_20_ms_over_an_hour(parts_per_million: int) -> None:
    count = 50 * 3600
    random = np.random.default_rng(1)
    ideal = np.arange(count) * 20 * MS
    arrivals = START + (ideal * (1 + parts_per_million / 1e6)).astype(np.int64) + random.integers(0, 15 * MS, count)
    found = place(arrivals, np.arange(count, dtype=np.int64) * 160, 8000, 8000)
    wall = (ideal * (1 + parts_per_million / 1e6) / MS).astype(np.int64)
    here = (found.origin_ns - START) / MS + found.position / 8
    assert np.abs(here - wall).max() < 20


def test_drift_is_corrected_seldom() -> None:
    count = 50 * 600
    arrivals = START + (np.arange(count) * 20 * MS * 1.0001).astype(np.int64)
    position = place(arrivals, np.arange(count, dtype=np.int64) * 160, 8000, 8000).position
    assert (np.diff(position) != 160).sum() <= 6


def test_a_correction_comes_in_the_first_pause() -> None:
    count = 1500
    ticks = np.arange(count, dtype=np.int64) * 160
    ticks[700:] += 800
    arrivals = START + (ticks * 125_000 * 1.002).astype(np.int64)
    steps = np.diff(place(arrivals, ticks, 8000, 8000).position)
    assert np.flatnonzero(steps != 160).tolist()[0] == 699


def test_a_correction_without_a_pause_comes_where_it_is_quiet() -> None:
    arrivals = START + (np.arange(1000) * 20 * MS * 1.002).astype(np.int64)
    found = place(arrivals, np.arange(1000, dtype=np.int64) * 160, 8000, 8000, lambda begin, _: begin + 123)
    assert np.flatnonzero(np.diff(found.position) != 160).tolist() == [622]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 2**32 - 1)), min_size=1, max_size=60),
    st.sampled_from([8000, 16000, 48000]),
)
def test_any_times_and_timestamps_give_a_place_to_each_packet(pairs: list[tuple[int, int]], rate: int) -> None:
    times, ticks = (np.array([pair[at] for pair in pairs], np.int64) for at in (0, 1))
    found = place(times + START, ticks, 8000, rate)
    assert len(found.position) == len(pairs)
    assert found.origin_ns >= START + int(times.min()) - 2**32 * 10**9 // 8000


@settings(deadline=None, max_examples=30)
@given(st.integers(10, 400), st.data())
def test_jitter_and_loss_change_no_distance(count: int, data: st.DataObject) -> None:
    kept = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=3)))
    jitter = data.draw(st.lists(st.integers(0, 30), min_size=len(kept), max_size=len(kept)))
    position = placed([at * 20.0 + late for at, late in zip(kept, jitter, strict=True)], [at * 160 for at in kept])
    assert np.diff(position.position).tolist() == [160 * (b - a) for a, b in itertools.pairwise(kept)]
