import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.pipeline.render.errors import RenderError
from recordings.pipeline.render.request import (
    Coverage,
    DigitRow,
    RenderRequest,
    RenderResult,
    Source,
    StreamRow,
    dump,
    parse_request,
    parse_result,
)
from recordings.pipeline.spool.calls import Binding, Codec

REQUEST = RenderRequest(
    (Source("/spool/1.stream", Binding("1", "a", "b", 1, 2, "caller", {96: Codec("opus", 48000, 2)}, ssrcs=(7,))),),
    "/library",
    "call",
    "wav",
)
ROW = StreamRow(
    "0x1", "PCMU", "a", "b", "caller", 1, 0, 0, 0, 0, 0.0, 0.0, 0.0, 4.4, 93.0, 1.0, 1, 2, holes=((1, 2, 3, "full"),)
)
RESULT = RenderResult(
    "call.wav",
    "call.peaks",
    "",
    "wav",
    1.0,
    8000,
    5,
    99,
    "ab",
    (ROW,),
    (DigitRow(1, "5", 80, "caller", 0.5),),
    (Coverage("0x1", "a", "b", ((1, 5), (7, 9)), "cd"),),
    ("one",),
)


def test_a_request_survives_its_line() -> None:
    assert parse_request(dump(REQUEST)) == REQUEST


def test_the_key_of_a_sealed_stream_survives_its_line_and_is_in_no_message() -> None:
    keyed = replace(REQUEST, sources=(replace(REQUEST.sources[0], key="ab" * 32),))
    assert parse_request(dump(keyed)) == keyed
    assert "abab" not in repr(keyed)


@pytest.mark.parametrize("key", ['"zz"', "5", "null"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(RenderError):
        parse_request(dump(REQUEST).replace('"key":""', f'"key":{key}'))


def test_a_result_survives_its_line() -> None:
    assert parse_result(dump(RESULT)) == RESULT
    assert "\n" not in dump(RESULT)


@given(
    st.one_of(
        st.binary(),
        st.text().map(str.encode),
        st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda item: json.dumps(item).encode()),
    )
)
def test_any_text_is_refused_with_the_one_error(text: bytes) -> None:
    for parse in (parse_request, parse_result):
        with pytest.raises(RenderError):
            parse(text)


@given(st.data())
def test_a_request_that_lacks_a_part_is_refused(data: st.DataObject) -> None:
    facts = json.loads(dump(REQUEST))
    part = data.draw(
        st.sampled_from([facts, facts["sources"][0], facts["sources"][0]["binding"]["payload_types"]["96"]])
    )
    key = data.draw(st.sampled_from(sorted(part)))
    part[key] = data.draw(st.sampled_from([None, 3.5, [[]]]))
    try:
        parse_request(json.dumps(facts))
    except RenderError:
        return
