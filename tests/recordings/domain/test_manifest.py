"""A spool entry in short: what is compared without reading packets again."""

import json
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.domain.coverage import StreamCoverage
from recordings.domain.identity import View
from recordings.domain.manifest import (
    Manifest,
    StoredAs,
    is_covered,
    manifest_of,
    message_digests,
    read_manifest,
    write_manifest,
)
from recordings.domain.place import Place
from recordings.domain.releasing import START, Entry, following
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.layout import Session
from tests.samples.intervals import intervals_of
from tests.samples.spool import live, sip_call, spool

NUMBERS = st.sets(st.integers(0, 60), max_size=20)
DIGESTS = st.frozensets(st.sampled_from(["a", "b", "c"]))


def coverage(numbers: set[int], digests: frozenset[str] = frozenset({"x"})) -> dict[str, StreamCoverage]:
    return {"1|a|b": StreamCoverage(intervals_of(numbers), digests)} if numbers else {}


def manifest(numbers: set[int], signalling: frozenset[str]) -> Manifest:
    view = View(uuid.uuid4(), frozenset({("dialog", "d")}), 1, 2, "bye", coverage(numbers), "node")
    return Manifest(view, record=True, signalling=signalling)


@given(NUMBERS, NUMBERS, DIGESTS, DIGESTS)
def test_an_entry_is_covered_by_all_of_its_packets_and_messages_and_by_nothing_less(
    held: set[int], own: set[int], known: frozenset[str], seen: frozenset[str]
) -> None:
    assert is_covered(manifest(own, seen), coverage(held), sorted(known)) is (own <= held and seen <= known)


@given(NUMBERS, DIGESTS)
def test_messages_that_nobody_noted_cover_nothing(numbers: set[int], seen: frozenset[str]) -> None:
    assert not is_covered(manifest(numbers, seen), coverage(numbers), None)


def test_a_manifest_is_kept_and_read_again(place: Place) -> None:
    session = live(place)
    call = spool(session, sip_call())
    path = session.call(call.local)
    made = read_manifest(session, path)
    for stream in session.streams.glob("*.stream"):
        stream.unlink()
    assert read_manifest(session, path) == made
    marked = replace(made, settled_as=StoredAs(uuid.uuid4(), 3, "ab"))
    write_manifest(path, marked)
    assert read_manifest(session, path) == marked


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"format": 1}', '{"format": 2, "keys": 1}', "\xff"])
def test_a_damaged_manifest_is_made_again(place: Place, text: str) -> None:
    session = live(place)
    call = spool(session, sip_call())
    path = session.call(call.local)
    made = read_manifest(session, path)
    path.with_suffix(".manifest").write_text(text, encoding="latin-1")
    assert read_manifest(session, path) == made
    assert json.loads(path.with_suffix(".manifest").read_text())["format"] == 2


def test_nothing_is_known_of_an_entry_with_a_damaged_stream(place: Place) -> None:
    session = live(place)
    call = spool(session, sip_call())
    next(session.streams.glob("*.stream")).write_bytes(b"no stream at all")
    with pytest.raises(SpoolError, match="damaged"):
        read_manifest(session, session.call(call.local))


def test_equal_messages_have_equal_digests_whoever_heard_them(place: Place) -> None:
    call = sip_call()
    other = replace(call, node="another", messages=tuple(replace(one, time_ns=7, leg=1) for one in call.messages))
    assert message_digests(other) == message_digests(call) == sorted(manifest_of(call, {}).signalling)


@given(st.integers(0, 30), st.integers(1, 10))
def test_rounds_come_to_every_entry(count: int, most: int) -> None:
    everything = [Entry(Session(Path("/s")), Path(f"/s/{number:03d}"), float(number // 3)) for number in range(count)]
    seen, behind = [], START
    for _ in range(-(-count // most)):
        batch, behind = following(everything, behind, most)
        seen += batch
    assert (seen, behind) == (everything, START)


def test_a_version_covers_no_entry_that_silences_more_of_it() -> None:
    entry = replace(manifest({1}, frozenset()), silences=((10, 20),))
    for held, covered in (((), False), (((10, 25),), False), (((10, 20),), True), (((10, 15), (30, 40)), True)):
        assert is_covered(entry, coverage({1}), [], held) is covered
