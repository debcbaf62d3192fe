"""From stream files to a recording, as settling asks for it."""

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.media.codecs.base import Samples
from recordings.pipeline.media.codecs.g711 import ALAW, ULAW, encode_ulaw
from recordings.pipeline.render.errors import RenderError
from recordings.pipeline.render.peaks import parse_peaks
from recordings.pipeline.render.render import render
from recordings.pipeline.render.request import RenderRequest, RenderResult, Source
from recordings.pipeline.render.transcode import read_audio
from recordings.pipeline.spool.calls import Codec
from tests.samples.streams import ALICE, BOB, MS, START, Timed, cut, rtp, source, speech, talk

HOP = ("192.0.2.9:6000", "192.0.2.2:4002")
CALLER = encode_ulaw(speech(3, 1))
CALLEE = encode_ulaw(speech(3, 2))


def recorded(folder: Path, *sources: Source, form: str = "flac") -> RenderResult:
    return render(RenderRequest(sources, str(folder), "call", form))


def heard(folder: Path, result: RenderResult) -> Samples:
    assert result.audio is not None, result.why_no_audio
    return np.concatenate(list(read_audio(folder / result.audio)[1]))


def caller(sequence: int = 100, **more: int) -> list[Timed]:
    return talk(cut(CALLER), sequence=sequence, **more)


def callee(start: int = START, **more: int) -> list[Timed]:
    return talk(cut(CALLEE), ssrc=0xB0B, kind=8, start=start, **more)


@pytest.mark.parametrize("form", ["flac", "wav"])
def test_both_sides_are_exact_to_the_bit_and_not_swapped(tmp_path: Path, form: str) -> None:
    both = (source(tmp_path, "1", caller()), source(tmp_path, "2", callee(), "callee"))
    result = recorded(tmp_path, *both, form=form)
    samples = heard(tmp_path, result)
    assert np.array_equal(samples[:, 0], ULAW[list(CALLER)])
    assert np.array_equal(samples[:, 1], ALAW[list(CALLEE)])
    assert (result.seconds, result.sample_rate, result.started_ns, result.warnings) == (3.0, 8000, START, ())


def test_ulaw_recordings_hold_the_octets_of_a_ulaw_call(tmp_path: Path) -> None:
    result = recorded(tmp_path, source(tmp_path, "1", caller()), form="ulaw")
    assert np.array_equal(heard(tmp_path, result)[:, 0], ULAW[list(CALLER)])


def test_a_side_that_begins_later_is_placed_later(tmp_path: Path) -> None:
    both = (source(tmp_path, "1", caller()), source(tmp_path, "2", callee(START + 500 * MS), "callee"))
    samples = heard(tmp_path, recorded(tmp_path, *both))
    assert len(samples) == 28000
    assert np.array_equal(samples[4000:, 1], ALAW[list(CALLEE)])
    assert not samples[:4000, 1].any()


def test_wraps_of_number_and_timestamp_are_not_heard(tmp_path: Path) -> None:
    timed = talk(cut(CALLER), sequence=65500, stamp=2**32 - 8000)
    assert np.array_equal(heard(tmp_path, recorded(tmp_path, source(tmp_path, "1", timed)))[:, 0], ULAW[list(CALLER)])


@settings(deadline=None, max_examples=15)
@given(st.randoms(use_true_random=False))
def test_disorder_duplicates_and_jitter_change_no_sample(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("calls")
    timed = [(time + chance.randrange(40) * MS, packet) for time, packet in caller(sequence=65490)]
    timed[0] = caller(sequence=65490)[0]
    doubled = sorted(item for item in timed for _ in range(chance.choice([1, 1, 2])))
    result = recorded(folder, source(folder, "1", doubled), form="wav")
    assert np.array_equal(heard(folder, result)[:, 0], ULAW[list(CALLER)])
    assert (result.streams[0].packets, result.streams[0].lost) == (150, 0)
    assert result.streams[0].duplicates == len(doubled) - 150


@settings(deadline=None, max_examples=15)
@given(st.sets(st.integers(1, 148), max_size=30))
def test_loss_keeps_the_length_and_the_other_samples(
    tmp_path_factory: pytest.TempPathFactory, missing: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("calls")
    timed = [item for at, item in enumerate(caller()) if at not in missing]
    result = recorded(folder, source(folder, "1", timed), form="wav")
    samples, spoken = heard(folder, result)[:, 0], ULAW[list(CALLER)]
    assert len(samples) == len(spoken)
    there = np.repeat([at not in missing for at in range(150)], 160)
    assert np.array_equal(samples[there], spoken[there])
    assert result.streams[0].lost == len(missing)


def test_a_short_loss_is_concealed_and_a_long_one_is_silent(tmp_path: Path) -> None:
    timed = [item for at, item in enumerate(caller()) if at not in {20, *range(60, 90)}]
    samples = heard(tmp_path, recorded(tmp_path, source(tmp_path, "1", timed)))[:, 0]
    assert samples[20 * 160 : 21 * 160].any()
    assert not samples[60 * 160 : 90 * 160].any()


def test_a_pause_of_the_sender_is_silence(tmp_path: Path) -> None:
    first, second = cut(CALLER)[:75], cut(CALLER)[75:]
    timed = talk(first) + talk(second, sequence=175, stamp=5000 + 75 * 160 + 16000, start=START + 3500 * MS)
    result = recorded(tmp_path, source(tmp_path, "1", timed))
    samples = heard(tmp_path, result)[:, 0]
    assert (len(samples), result.streams[0].seconds, result.streams[0].lost) == (24000 + 16000, 5.0, 0)
    assert not samples[12000:28000].any()


def test_the_same_stream_on_two_hops_is_heard_once(tmp_path: Path) -> None:
    first = source(tmp_path, "1", caller())
    second = source(tmp_path, "2", [(time + MS, packet) for time, packet in caller()], addresses=HOP)
    result = recorded(tmp_path, first, second)
    assert np.array_equal(heard(tmp_path, result)[:, 0], ULAW[list(CALLER)])
    assert [(row.source, row.packets, row.duplicates) for row in result.streams] == [(ALICE, 150, 0), (HOP[0], 150, 0)]


def test_two_hops_complete_each_other(tmp_path: Path) -> None:
    first = source(tmp_path, "1", caller()[:40] + caller()[60:])
    second = source(tmp_path, "2", caller()[30:120], addresses=HOP)
    samples = heard(tmp_path, recorded(tmp_path, first, second))
    assert np.array_equal(samples[:, 0], ULAW[list(CALLER)])


def test_one_ssrc_in_both_directions_stays_two_sides(tmp_path: Path) -> None:
    echo = source(tmp_path, "2", [(time + 5 * MS, packet) for time, packet in caller()], "callee")
    samples = heard(tmp_path, recorded(tmp_path, source(tmp_path, "1", caller()), echo))
    assert np.array_equal(samples[:24000, 0], samples[40:, 1])


def test_a_new_ssrc_in_mid_call_goes_on_where_the_old_one_ended(tmp_path: Path) -> None:
    timed = caller()
    moved = [(time, packet[:8] + b"\0\0\0\7" + packet[12:]) for time, packet in timed[75:]]
    result = recorded(tmp_path, source(tmp_path, "1", timed[:75] + moved))
    assert np.array_equal(heard(tmp_path, result)[:, 0], ULAW[list(CALLER)])
    assert [row.packets for row in result.streams] == [75, 75]


def test_a_change_of_codec_in_mid_call_is_followed(tmp_path: Path) -> None:
    timed = caller()
    timed[75:] = [(time, packet[:1] + b"\x08" + packet[2:]) for time, packet in timed[75:]]
    samples = heard(tmp_path, recorded(tmp_path, source(tmp_path, "1", timed)))[:, 0]
    octets = np.frombuffer(CALLER, np.uint8)
    assert np.array_equal(samples, np.concatenate([ULAW[octets[:12000]], ALAW[octets[12000:]]]))


def test_only_the_span_of_the_call_is_heard(tmp_path: Path) -> None:
    whole = source(tmp_path, "1", caller())
    binding = type(whole.binding)("1", ALICE, BOB, START + 1000 * MS, START + 1990 * MS, "caller")
    samples = heard(tmp_path, recorded(tmp_path, Source(whole.path, binding)))
    assert np.array_equal(samples[:, 0], ULAW[list(CALLER)][8000:16000])


def test_streams_whose_side_is_unknown_are_told_apart_by_address(tmp_path: Path) -> None:
    there = source(tmp_path, "1", caller(), "")
    back = source(tmp_path, "2", callee(START + 20 * MS), "", addresses=(BOB, ALICE))
    result = recorded(tmp_path, there, back)
    assert [row.side for row in result.streams] == ["caller", "callee"]
    assert np.array_equal(heard(tmp_path, result)[160:, 1], ALAW[list(CALLEE)])


def test_dtmf_is_told_with_its_second_and_not_heard(tmp_path: Path) -> None:
    key = [(START + (1000 + 20 * at) * MS, rtp(500 + at, 9000, bytes([5, 10, 0, 160]), kind=101)) for at in range(3)]
    timed = sorted(talk(cut(CALLER), sequence=700) + key)
    result = recorded(tmp_path, source(tmp_path, "1", timed, codecs={101: Codec("telephone-event")}))
    assert [(row.digit, row.second, row.side) for row in result.digits] == [("5", 1.0, "caller")]
    assert result.streams[0].codec == "PCMU"
    assert np.array_equal(heard(tmp_path, result)[:, 0], ULAW[list(CALLER)])


def test_a_wideband_side_makes_a_wideband_recording(tmp_path: Path) -> None:
    wide = talk([bytes([0x7A, 0xFA] * 80)] * 150, ssrc=3, kind=9)
    result = recorded(tmp_path, source(tmp_path, "1", caller()), source(tmp_path, "2", wide, "callee"))
    assert (result.sample_rate, result.seconds) == (16000, 3.0)
    every_second = heard(tmp_path, result)[::2, 0].astype(float)
    assert np.corrcoef(every_second, ULAW[list(CALLER)])[0, 1] > 0.99


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("EVS", "codec EVS cannot be decoded; its packets are kept"),
        ("telephone-event", "no sound was sent, only telephone events or comfort noise"),
    ],
)
def test_a_call_without_decodable_sound_says_why(tmp_path: Path, name: str, reason: str) -> None:
    timed = talk([b"\x05\x0a\x00\xa0"] * 10, kind=96)
    result = recorded(tmp_path, source(tmp_path, "1", timed, codecs={96: Codec(name)}))
    assert (result.audio, result.why_no_audio) == (None, reason)
    assert [(row.codec, row.packets) for row in result.streams] == [(name, 10)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.stream"]


def test_a_payload_type_that_nobody_announced_is_named(tmp_path: Path) -> None:
    result = recorded(tmp_path, source(tmp_path, "1", talk([bytes(60)] * 10, kind=124)))
    assert result.why_no_audio == "the codec of payload type 124 was not announced; its packets are kept"
    assert result.streams[0].codec == "unknown (payload type 124)"


def test_a_stream_of_which_nothing_can_be_decoded_leaves_no_file(tmp_path: Path) -> None:
    result = recorded(tmp_path, source(tmp_path, "1", talk([b"abc"] * 10, kind=3)))
    assert (result.audio, result.peaks, result.streams[0].undecodable) == (None, None, 10)
    assert result.why_no_audio == (
        "no packet could be decoded: a payload of 3 octets does not hold whole frames of 33; its packets are kept"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.stream"]


def test_a_codec_that_changes_with_every_packet_comes_to_an_end(tmp_path: Path) -> None:
    timed = [(START + at * 20 * MS, rtp(at, at * 160, bytes(80), kind=at % 2 * 10)) for at in range(2500)]
    result = recorded(tmp_path, source(tmp_path, "1", timed), form="wav")
    assert result.warnings == ("1 packets could not be decoded: the codec changes more than 2000 times",)


def test_encrypted_streams_give_no_audio(tmp_path: Path) -> None:
    result = recorded(tmp_path, source(tmp_path, "1", caller(), encrypted=True))
    assert (result.audio, result.why_no_audio) == (None, "encrypted (SRTP); no key")


def test_cipher_text_that_signalling_did_not_show_gives_no_audio(tmp_path: Path) -> None:
    chance = random.Random(1)
    result = recorded(tmp_path, source(tmp_path, "1", talk([chance.randbytes(170) for _ in range(150)])))
    assert (result.audio, result.why_no_audio) == (None, "encrypted (SRTP); no key")


def test_a_call_without_rtp_says_so(tmp_path: Path) -> None:
    result = recorded(tmp_path)
    assert (result.audio, result.why_no_audio) == (None, "no RTP packets")


def test_coverage_tells_the_numbers_and_differs_with_the_content(tmp_path: Path) -> None:
    timed = [item for at, item in enumerate(caller(sequence=100)) if at not in {10, 11}]
    (folder := tmp_path / "other").mkdir()
    one = recorded(tmp_path, source(tmp_path, "1", timed)).coverage[0]
    other = recorded(folder, source(folder, "1", [(t, p[:-1] + b"\0") for t, p in timed])).coverage[0]
    assert one.intervals == other.intervals == ((100, 109), (112, 249))
    assert one.digest != other.digest


def test_coverage_does_not_depend_on_order_or_duplicates(tmp_path: Path) -> None:
    (folder := tmp_path / "other").mkdir()
    shuffled = [*caller()[:2], *caller()[5:7], *caller()[2:]]
    one = recorded(tmp_path, source(tmp_path, "1", caller())).coverage
    assert recorded(folder, source(folder, "1", shuffled)).coverage == one


def test_peaks_stand_beside_the_audio(tmp_path: Path) -> None:
    result = recorded(tmp_path, source(tmp_path, "1", caller()))
    assert result.peaks == "call.peaks"
    assert parse_peaks((tmp_path / "call.peaks").read_bytes()).shape == (150, 2, 2)


def test_a_missing_stream_file_is_one_sentence(tmp_path: Path) -> None:
    gone = source(tmp_path, "1", caller())
    Path(gone.path).unlink()
    with pytest.raises(RenderError, match="a stream of the call cannot be read"):
        recorded(tmp_path, gone)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 10**10), st.binary(max_size=60)), min_size=1, max_size=30))
def test_packets_of_any_bytes_make_a_result(tmp_path_factory: pytest.TempPathFactory, noise: list[Timed]) -> None:
    folder = tmp_path_factory.mktemp("calls")
    timed = [(START + time, b"\x80" + packet) for time, packet in noise]
    result = recorded(folder, source(folder, "1", timed), form="wav")
    assert (result.audio is None) == bool(result.why_no_audio)
