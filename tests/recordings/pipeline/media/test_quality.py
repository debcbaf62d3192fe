import numpy as np
import pytest

from recordings.pipeline.media.quality import Impairment, Quality, interarrival_jitter, measure, mos, r_factor
from recordings.pipeline.media.rtp import order
from tests.samples.streams import MS, Timed, parsed, talk

G711 = Impairment(0, 25.1)


def quality(timed: list[Timed]) -> Quality:
    packets = parsed(timed)
    return measure(packets, order(packets), 8000, G711)


def clean(count: int = 100) -> list[Timed]:
    return talk([bytes([at % 251]) * 160 for at in range(count)])


def test_a_clean_stream_has_no_faults() -> None:
    found = quality(clean())
    assert (found.packets, found.lost, found.late, found.duplicates, found.jitter_ms) == (100, 0, 0, 0, 0.0)
    assert found.max_gap_ms == 20.0


def test_lost_packets_are_counted_by_number() -> None:
    found = quality(clean()[:40] + clean()[45:])
    assert (found.packets, found.lost, found.max_gap_ms) == (95, 5, 120.0)


def test_a_packet_out_of_order_is_late_and_not_lost() -> None:
    timed = clean()
    (early, first), (later, second) = timed[10:12]
    timed[10:12] = [(early, second), (later, first)]
    found = quality(timed)
    assert (found.late, found.lost, found.duplicates) == (1, 0, 0)


def test_a_doubled_stream_counts_each_packet_once() -> None:
    found = quality([item for item in clean() for _ in range(2)])
    assert (found.packets, found.duplicates, found.late, found.lost) == (100, 100, 0, 0)


def test_a_restart_of_the_numbers_is_no_loss() -> None:
    timed = clean() + talk([b"x"] * 50, sequence=30000, stamp=900, start=clean()[-1][0] + 20 * MS)
    assert quality(timed).lost == 0


def test_jitter_follows_the_formula_of_rfc_3550() -> None:
    times = np.array([0, 30, 40], np.int64) * MS
    running = interarrival_jitter(times, np.array([0, 160, 320], np.int64), 8000)
    first = 0.010 / 16
    assert running.tolist() == pytest.approx([0, first, first + (0.010 - first) / 16])


def test_packets_of_one_timestamp_count_once_for_jitter() -> None:
    times = np.array([0, 20, 40, 60], np.int64) * MS
    assert interarrival_jitter(times, np.array([0, 160, 160, 480], np.int64), 8000).max() == pytest.approx(0.020 / 16)


@pytest.mark.parametrize(("factor", "score"), [(0, 1.0), (50, 2.58), (80, 4.02), (93.2, 4.41), (100, 4.5)])
def test_mos_follows_annex_b_of_g107(factor: float, score: float) -> None:
    assert round(mos(factor), 2) == score


def test_loss_lowers_the_rating_and_bursts_lower_it_more() -> None:
    clear, lossy, bursty = r_factor(0, 0, G711), r_factor(3, 0, G711), r_factor(3, 0, G711, burst=3)
    assert clear > lossy > bursty


def test_a_stream_without_packets_has_the_lowest_rating() -> None:
    assert quality([(0, b"")]).mos == 1.0
