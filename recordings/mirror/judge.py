"""Counters → findings: a pure decision. One line for each topic, good or not, in the order in which to look."""

from collections.abc import Iterator

from recordings.mirror.types import Evidence, Finding, Level, Value
from recordings.mirror.wire import clock, drops, fragments, listening, paths, sizes

LEAST_CALLS = 10  # fewer prove nothing
LEAST_BAD = 3  # one call that went wrong has reasons of its own
FEW, MANY = 0.02, 0.10  # of calls: from here on a notice, and a fault
LEAST_PACKETS = 5000
TWICE = 0.01  # of packets that came twice: a telephone repeats none
LOST_FEW, LOST_MANY = 0.01, 0.05
MISSED = 0.2  # as the cluster's finding heard-by-one


def judge(found: Evidence) -> tuple[Finding, ...]:
    return tuple(_all(found))


def worst(findings: tuple[Finding, ...]) -> Level:
    return max((one.level for one in findings), default=Level.UNKNOWN)


def _all(found: Evidence) -> Iterator[Finding]:
    calls = found.calls
    yield listening(found.capture)
    yield _share("directions", "one-direction", calls.one_side, calls.sounding, found.hours)
    yield _share("media", "sip-without-rtp", calls.silent, calls.answered, found.hours)
    yield _share("signalling", "rtp-without-sip", calls.by_sound, calls.all, found.hours)
    yield _share("beginnings", "beginning-unseen", calls.mid_call, calls.all, found.hours)
    yield _duplicates(found)
    yield _loss(found)
    yield drops(found.capture)
    yield paths(found)
    yield fragments(found.capture)
    yield sizes(found)
    yield clock(found)
    if found.in_cluster:
        yield _nodes(found)


def _share(topic: str, code: str, part: int, whole: int, hours: int) -> Finding:
    """Of calls."""
    numbers: dict[str, Value] = {"part": part, "whole": whole, "percent": percent(part, whole), "hours": hours}
    if whole < LEAST_CALLS:
        return Finding(topic, "too-few-calls", Level.UNKNOWN, numbers)
    share = part / whole
    if share < FEW or part < LEAST_BAD:
        return Finding(topic, f"{code}-rare", Level.GOOD, numbers)
    return Finding(topic, code, Level.BAD if share >= MANY else Level.NOTICE, numbers)


def _duplicates(found: Evidence) -> Finding:
    streams = found.streams
    numbers: dict[str, Value] = {"percent": percent(streams.duplicates, streams.packets), "hours": found.hours}
    if streams.packets < LEAST_PACKETS:
        return Finding("duplicates", "too-few-packets", Level.UNKNOWN, {**numbers, "packets": streams.packets})
    if streams.duplicates < TWICE * streams.packets:
        return Finding("duplicates", "once", Level.GOOD, numbers)
    return Finding("duplicates", "twice", Level.NOTICE, numbers)  # the recording is right, the load is not


def _loss(found: Evidence) -> Finding:
    streams = found.streams
    sent = streams.packets + streams.lost
    numbers: dict[str, Value] = {"percent": percent(streams.lost, sent), "hours": found.hours}
    if sent < LEAST_PACKETS:
        return Finding("loss", "too-few-packets", Level.UNKNOWN, {**numbers, "packets": sent})
    if streams.lost < LOST_FEW * sent:
        return Finding("loss", "complete", Level.GOOD, numbers)
    return Finding("loss", "lossy", Level.BAD if streams.lost >= LOST_MANY * sent else Level.NOTICE, numbers)


def _nodes(found: Evidence) -> Finding:
    """Whether both nodes of a cluster hear the same calls."""
    heard, calls = found.heard, found.calls
    numbers: dict[str, Value] = {"only_other": calls.only_other, "whole": calls.all, "hours": found.hours}
    if calls.all >= LEAST_CALLS and calls.only_other >= max(LEAST_BAD, FEW * calls.all):
        level = Level.BAD if calls.only_other >= MANY * calls.all else Level.NOTICE
        return Finding("nodes", "heard-there-only", level, {**numbers, "percent": percent(calls.only_other, calls.all)})
    if heard is None or max(heard.here, heard.there) < LEAST_CALLS:
        return Finding("nodes", "not-compared", Level.UNKNOWN, numbers)
    fewer, more = sorted((heard.here, heard.there))
    numbers |= {"fewer": fewer, "more": more, "minutes": heard.minutes, "percent": percent(more - fewer, more)}
    if fewer >= (1 - MISSED) * more:
        return Finding("nodes", "heard-by-both", Level.GOOD, numbers)
    return Finding("nodes", "deaf-here" if heard.here < heard.there else "deaf-there", Level.BAD, numbers)


def percent(part: int, whole: int) -> float:
    """To one place; what is there is never shown as nothing."""
    if not whole or not part:
        return 0.0
    return max(0.1, round(100 * part / whole, 1))
