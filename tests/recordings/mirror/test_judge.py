"""The mirror report's judgement: pure, one line for each topic."""

import re
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.catalogue.mirror import FINDINGS, TOPICS, as_data, tell
from recordings.mirror import judge as judging
from recordings.mirror.judge import judge, percent, worst
from recordings.mirror.types import Calls, Capture, Evidence, Finding, Heard, Level, Port, Streams
from recordings.mirror.types import Path as Way

PORT = Port("eth1", received=1_000_000, mtu=1500, missed=0)
CAPTURE = Capture(running=True, ports=(PORT,), packets=1_000_000, largest=214)
CALLS = Calls(all=100, answered=90, sounding=89, silent=1, one_side=1, by_sound=1, mid_call=1)
STREAMS = Streams(packets=500_000, lost=100, duplicates=10, paths=(Way("vlan 100", 200, 500_000),), skew_ppm=20)
GOOD = Evidence(24, CALLS, STREAMS, CAPTURE, synchronised=True)
COUNT = st.integers(0, 1 << 63)
PORTS = st.builds(
    Port, st.text(max_size=9), st.booleans(), COUNT, COUNT, st.none() | st.integers(0, 9000), st.none() | COUNT
)
PATHS = st.builds(Way, st.text(max_size=9) | st.sampled_from(["", "vlan 7 gre", "ipip/vxlan"]), COUNT, COUNT)
EVIDENCE = st.builds(
    Evidence,
    st.integers(1, 2208),
    st.builds(Calls, *[st.integers(0, 10**6)] * 8),
    st.builds(
        Streams, COUNT, COUNT, COUNT, st.lists(PATHS, max_size=12).map(tuple), st.none() | st.integers(-(10**6), 10**6)
    ),
    st.builds(Capture, st.booleans(), st.lists(PORTS, max_size=3).map(tuple), *[COUNT] * 14),
    st.none() | st.booleans(),
    st.booleans(),
    st.none() | st.builds(Heard, COUNT, COUNT, COUNT),
)


def line(found: Evidence, topic: str) -> Finding:
    return next(one for one in judge(found) if one.topic == topic)


def calls(**changes: int) -> Evidence:
    return replace(GOOD, calls=replace(CALLS, **changes))


def capture(**changes: object) -> Evidence:
    return replace(GOOD, capture=replace(CAPTURE, **changes))  # type: ignore[arg-type]


def streams(**changes: object) -> Evidence:
    return replace(GOOD, streams=replace(STREAMS, **changes))  # type: ignore[arg-type]


def test_a_good_mirror_is_good_in_every_line() -> None:
    findings = judge(GOOD)
    assert [one.level for one in findings] == [Level.GOOD] * 12
    assert worst(findings) is Level.GOOD
    assert [one.topic for one in findings] == [topic for topic in TOPICS if topic != "nodes"]


@pytest.mark.parametrize(
    ("found", "topic", "code", "level"),
    [
        (calls(one_side=40), "directions", "one-direction", Level.BAD),
        (calls(one_side=4), "directions", "one-direction", Level.NOTICE),
        (calls(all=10, sounding=10, one_side=3), "directions", "one-direction", Level.BAD),
        (calls(all=10, sounding=10, one_side=2), "directions", "one-direction-rare", Level.GOOD),
        (calls(silent=50), "media", "sip-without-rtp", Level.BAD),
        (calls(by_sound=60), "signalling", "rtp-without-sip", Level.BAD),
        (calls(mid_call=9), "beginnings", "beginning-unseen", Level.NOTICE),
        (calls(all=9, sounding=9, answered=9, one_side=9), "directions", "too-few-calls", Level.UNKNOWN),
        (streams(duplicates=500_000), "duplicates", "twice", Level.NOTICE),
        (streams(packets=100, lost=0), "duplicates", "too-few-packets", Level.UNKNOWN),
        (streams(lost=100_000), "loss", "lossy", Level.BAD),
        (streams(lost=6_000), "loss", "lossy", Level.NOTICE),
        (streams(packets=100, lost=0), "loss", "too-few-packets", Level.UNKNOWN),
        (streams(paths=()), "paths", "no-streams", Level.UNKNOWN),
        (streams(skew_ppm=-900), "clock", "clock-skewed", Level.NOTICE),
        (capture(running=False), "port", "not-listening", Level.BAD),
        (capture(running=False), "drops", "not-known", Level.UNKNOWN),
        (capture(running=False), "fragments", "not-known", Level.UNKNOWN),
        (capture(running=False), "sizes", "not-known", Level.UNKNOWN),
        (capture(ports=()), "port", "port-down", Level.BAD),
        (capture(ports=(PORT, Port("eth2", up=False))), "port", "port-down", Level.BAD),
        (capture(ports=(PORT, Port("eth2"))), "port", "port-silent", Level.BAD),
        (capture(lost=1), "drops", "disk-refused", Level.BAD),
        (capture(frames_lost=1), "drops", "disk-refused", Level.BAD),
        (capture(refused=1), "drops", "too-many-streams", Level.BAD),
        (capture(ports=(replace(PORT, dropped=1),)), "drops", "ring-full", Level.NOTICE),
        (capture(ports=(replace(PORT, dropped=5000),)), "drops", "ring-full", Level.BAD),
        (capture(ports=(replace(PORT, missed=1),)), "drops", "card-missed", Level.NOTICE),
        (capture(unknown=3), "paths", "unknown-wrapping", Level.BAD),
        (capture(fragments=20_000), "fragments", "many-pieces", Level.NOTICE),
        (capture(fragments=20_000, fragments_lost=10), "fragments", "pieces-missing", Level.BAD),
        (capture(cut=1), "sizes", "cut-frames", Level.BAD),
        (capture(beyond_mtu=1, largest=3000), "sizes", "merged-frames", Level.NOTICE),
        (capture(clock_steps=1), "clock", "clock-set", Level.NOTICE),
        (capture(time_back=1), "clock", "clock-set", Level.NOTICE),
        (replace(GOOD, synchronised=False), "clock", "clock-free", Level.NOTICE),
        (replace(streams(skew_ppm=None), synchronised=None), "clock", "clock-not-known", Level.UNKNOWN),
        (replace(GOOD, synchronised=None), "clock", "clock-good", Level.GOOD),
    ],
)
def test_each_fault_has_its_finding(found: Evidence, topic: str, code: str, level: Level) -> None:
    assert (line(found, topic).code, line(found, topic).level) == (code, level)


def test_a_full_frame_matters_where_the_mirror_comes_by_a_tunnel() -> None:
    by_tunnel = replace(capture(near_mtu=7), streams=replace(STREAMS, paths=(Way("vlan 7 ipip/gre", 2, 9),)))
    assert line(by_tunnel, "sizes").code == "tunnel-full"
    assert line(capture(near_mtu=7), "sizes").code == "sizes-fit"


@pytest.mark.parametrize(
    ("only_other", "heard", "code", "level"),
    [
        (0, Heard(100, 95, 59), "heard-by-both", Level.GOOD),
        (0, Heard(50, 100, 59), "deaf-here", Level.BAD),
        (0, Heard(100, 50, 59), "deaf-there", Level.BAD),
        (0, Heard(3, 0, 59), "not-compared", Level.UNKNOWN),
        (0, None, "not-compared", Level.UNKNOWN),
        (2, Heard(100, 100, 59), "heard-by-both", Level.GOOD),
        (5, Heard(100, 100, 59), "heard-there-only", Level.NOTICE),
        (20, None, "heard-there-only", Level.BAD),
    ],
)
def test_two_nodes_are_compared(only_other: int, heard: Heard | None, code: str, level: Level) -> None:
    found = replace(calls(only_other=only_other), in_cluster=True, heard=heard)
    assert (line(found, "nodes").code, line(found, "nodes").level) == (code, level)


def test_wrappings_are_named_most_packets_first_and_not_all_of_hundreds() -> None:
    paths = (*(Way(f"vlan {number}", 1, number) for number in range(1, 11)), Way("", 5, 1000))
    seen = str(line(streams(paths=paths), "paths").parameters["seen"])
    assert seen == "untagged (5), " + ", ".join(f"vlan {number} (1)" for number in range(10, 3, -1)) + " +3"


@pytest.mark.parametrize(("part", "whole", "expected"), [(0, 0, 0.0), (1, 100_000, 0.1), (1, 3, 33.3), (0, 5, 0.0)])
def test_what_is_there_is_never_shown_as_nothing(part: int, whole: int, expected: float) -> None:
    assert percent(part, whole) == expected


@given(EVIDENCE)
def test_any_counters_give_one_line_for_each_topic_in_words(found: Evidence) -> None:
    findings = judge(found)
    topics = [topic for topic in TOPICS if topic != "nodes" or found.in_cluster]
    assert [one.topic for one in findings] == topics
    for one in findings:
        said = tell(one)
        assert (bool(said.cause), bool(said.cure)) == ((one.level in {Level.NOTICE, Level.BAD},) * 2)
        assert "{" not in said.sentence + said.cause + said.cure or "{" in str(found)
    assert as_data(found.hours, findings)["level"] == worst(findings).name.lower()


@given(EVIDENCE)
def test_nothing_unknown_counts_as_good(found: Evidence) -> None:
    if worst(judge(found)) is Level.GOOD:
        assert found.capture.running
        assert found.calls.all >= 10
        assert found.streams.paths


def test_no_words_are_without_a_finding() -> None:
    """Text that no counters can bring about is dead."""
    source = "".join(path.read_text(encoding="utf-8") for path in Path(judging.__file__).parent.glob("*.py"))
    codes = set(re.findall(r'"([a-z-]+)"', source))
    assert {code for code in FINDINGS if code.removesuffix("-rare") not in codes} == set()


@pytest.mark.parametrize("code", sorted(FINDINGS))
def test_a_cause_has_a_cure(code: str) -> None:
    said = FINDINGS[code]
    assert bool(said.cause) == bool(said.cure)
    names = [name for text in (said.sentence, said.cause, said.cure) for _, name, _, _ in Formatter().parse(str(text))]
    assert all(name is None or re.fullmatch("[a-z_]+", name) for name in names)
