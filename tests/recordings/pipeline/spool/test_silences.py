"""Spans that nobody may hear: their union, their files, and the call file without them."""

import json
import os
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.pipeline.spool.calls import Message, dump_call, parse_call
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.masking import masked
from recordings.pipeline.spool.silences import (
    Silence,
    Spans,
    change_silence,
    forget_silences,
    outside,
    parse_silence,
    read_silences,
    spans_of,
    united,
)
from tests.samples.spool import sip_call
from tests.samples.streams import ALICE, BOB, START

CALL = "5f0c1c1e-0000-4000-8000-00000000000a"
SECOND = 10**9
SPANS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=6).map(lambda found: united(tuple(found)))


@given(SPANS, SPANS, SPANS)
def test_the_union_is_the_same_whichever_node_makes_it_in_whatever_order(one: Spans, two: Spans, three: Spans) -> None:
    assert united(one, two) == united(two, one)
    assert united(united(one, two), three) == united(one, united(two, three))
    assert united(one, one) == one


def test_of_one_span_the_earlier_end_holds_as_whoever_ended_it_knows_more() -> None:
    assert united(((10, 400),), ((10, 25), (90, 95))) == ((10, 25), (90, 95))


@given(SPANS, st.lists(st.integers(0, 60), max_size=30))
def test_a_time_is_outside_where_no_span_has_it(spans: Spans, times: list[int]) -> None:
    wanted = [not any(start <= time <= end for start, end in spans) for time in times]
    assert outside(np.array(times, np.int64), spans).tolist() == wanted


@given(st.recursive(st.none() | st.integers() | st.text() | st.floats(), lambda x: st.lists(x) | st.dictionaries(
    st.sampled_from(["call", "call_ids", "spans", "x"]), x)))  # fmt: skip
def test_a_wish_that_is_none_has_one_error(facts: object) -> None:
    try:
        found = parse_silence(facts)
    except SpoolError:
        return
    assert found == parse_silence({"call": found.call, "call_ids": found.call_ids, "spans": found.spans})


@pytest.mark.parametrize("spans", [[[1]], [["1", 2]], [[True, 2]], [[1, 1 << 63]], [[-1, 2]], 7, [[1, 2]] * 1001])
def test_spans_of_another_form_are_refused(spans: object) -> None:
    with pytest.raises(SpoolError, match="a silence is not understood"):
        parse_silence({"call": CALL, "call_ids": [], "spans": spans})


def test_wishes_on_one_call_come_together_in_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "silences"
    change_silence(folder, Silence(CALL, ("one@example.org",), ((10, 400),)))
    held = change_silence(folder, Silence(CALL, ("two@example.org",), ((10, 25), (90, 95))))
    assert held == Silence(CALL, ("one@example.org", "two@example.org"), ((10, 25), (90, 95)))
    assert read_silences(folder) == [held]
    assert (folder / f"{CALL}.json").stat().st_mode & 0o777 == 0o600


def test_a_damaged_wish_hides_no_other_and_gives_way_to_the_next(tmp_path: Path) -> None:
    folder, other = tmp_path / "silences", str(uuid4())
    change_silence(folder, Silence(CALL, (), ((1, 2),)))
    change_silence(folder, Silence(other, (), ((3, 4),)))
    (folder / f"{CALL}.json").write_text("{")
    assert [one.call for one in read_silences(folder)] == [other]
    assert change_silence(folder, Silence(CALL, (), ((5, 6),))).spans == ((5, 6),)


def test_too_many_spans_of_one_call_are_refused_and_the_former_hold(tmp_path: Path) -> None:
    folder = tmp_path / "silences"
    full = change_silence(folder, Silence(CALL, (), tuple((start, start) for start in range(1000))))
    with pytest.raises(SpoolError, match="too often"):
        change_silence(folder, Silence(CALL, (), ((5000, 5000),)))
    assert read_silences(folder) == [full]


def test_wishes_of_long_ago_are_forgotten(tmp_path: Path) -> None:
    folder, other = tmp_path / "silences", str(uuid4())
    change_silence(folder, Silence(CALL, (), ((1, 2),)))
    change_silence(folder, Silence(other, (), ((1, 2),)))
    os.utime(folder / f"{CALL}.json", (1000, 1000))
    assert (forget_silences(folder, 2000), [one.call for one in read_silences(folder)]) == (1, [other])
    assert forget_silences(tmp_path / "none", 2000) == 0


def test_a_call_is_found_by_its_id_or_by_a_call_id() -> None:
    wishes = [
        Silence(CALL, (), ((1, 2),)),
        Silence(str(uuid4()), ("one@example.org",), ((5, 6),)),
        Silence(str(uuid4()), ("other@example.org",), ((7, 8),)),
    ]
    assert spans_of(CALL, ("one@example.org", "two@example.org"), wishes) == ((1, 2), (5, 6))


def test_a_call_file_keeps_its_silences_and_one_without_says_nothing_of_them() -> None:
    plain = sip_call()
    call = replace(plain, silences=((START, START + SECOND),))
    assert parse_call(dump_call(call)) == call
    assert b"silences" not in dump_call(plain)
    assert parse_call(dump_call(plain)) == plain


def test_digits_and_bodies_within_a_span_are_masked_and_those_outside_stay() -> None:
    info = "INFO sip:200@example.org SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal={}\r\n"
    answer = "SIP/2.0 200 OK\r\n\r\nv=0\r\n"
    call = replace(
        sip_call(),
        digits=((START, "4", "caller"), (START + 2 * SECOND, "9", "caller")),
        messages=tuple(
            Message(START + at * SECOND, ALICE, BOB, "udp", text)
            for at, text in ((0, info.format(4)), (1, answer), (2, info.format(9)))
        ),
    )
    found = masked(call, ((START - 1, START + SECOND),))
    assert found.digits == ((START + 2 * SECOND, "9", "caller"),)
    assert [message.text for message in found.messages] == [
        "INFO sip:200@example.org SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\n[silenced]",
        answer,
        info.format(9),
    ]
    assert masked(found, found.silences) == found
    assert masked(call, ()) is call


def test_a_silence_is_json_that_a_node_can_send() -> None:
    wish = Silence(CALL, ("one@example.org",), ((1, 2),))
    sent = json.loads(json.dumps({"call": wish.call, "call_ids": wish.call_ids, "spans": wish.spans}))
    assert parse_silence(sent) == wish
