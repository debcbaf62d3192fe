"""What was silenced is in no file of the call, whichever view comes first."""

import json
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from recordings.domain.place import Place
from recordings.domain.settle import settle
from recordings.models import Call, Stream, Version
from recordings.pipeline.spool.silences import Spans
from tests.samples.spool import InProcess, live, make_place, packets, rtp_call, sip_call, spool
from tests.samples.streams import MS, START, Timed

pytestmark = pytest.mark.django_db(databases=["default", "node"])
SPAN: Spans = ((START + 300 * MS, START + 499 * MS),)
"""Packets 15 to 24 of each side."""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def payloads(timed: list[Timed], spans: Spans = SPAN) -> tuple[set[bytes], set[bytes]]:
    """(those within the spans, those outside)"""
    within = {packet[12:] for at, packet in timed if any(start <= at <= end for start, end in spans)}
    return within, {packet[12:] for _, packet in timed} - within


def found_in(place: Place, wanted: set[bytes]) -> int:
    """How many of these payloads lie anywhere in the library."""
    content = b"".join(path.read_bytes() for path in sorted(place.library.rglob("*")) if path.is_file())
    return sum(payload in content for payload in wanted)


def test_silenced_packets_are_in_no_file_of_the_library(place: Place) -> None:
    place = replace(place, format="wav")
    spool(live(place), replace(sip_call(), silences=SPAN))
    settle(place, InProcess())
    for side in ("caller", "callee"):
        within, outside = payloads(packets(side))
        assert (len(within), found_in(place, within), found_in(place, outside)) == (10, 0, len(outside))
    version = Version.objects.get()
    assert (version.spans, version.duration_ms) == (SPAN, 1000)
    assert list(Stream.objects.values_list("packets", "lost")) == [(40, 0), (40, 0)]


def test_without_a_silence_the_same_payloads_are_found(place: Place) -> None:
    """What the absence above is worth."""
    spool(live(place), sip_call())
    settle(place, InProcess())
    within, outside = payloads(packets("caller"))
    assert (found_in(place, within), found_in(place, outside)) == (len(within), len(outside))
    assert Version.objects.get().silences is None


def test_another_view_that_knows_of_no_silence_fills_nothing_in(place: Place) -> None:
    """The other node's mirror heard the whole of it, and its copy comes later."""
    spool(live(place), replace(sip_call(), silences=SPAN), {"caller": packets("caller", 0, 40)})
    settle(place, InProcess())
    spool(live(place), sip_call("000000000009"), {"caller": packets("caller")})
    settle(place, InProcess())
    within, outside = payloads(packets("caller"))
    newest = Version.objects.order_by("number").last()
    assert newest is not None
    assert (newest.number, newest.spans) == (2, SPAN)
    assert (found_in(place, within), found_in(place, outside)) == (0, len(outside))


def test_a_view_with_a_silence_takes_those_seconds_out_of_what_is_stored(place: Place) -> None:
    spool(live(place), sip_call())
    settle(place, InProcess())
    within, outside = payloads(packets("caller"))
    assert found_in(place, within) == len(within)
    spool(live(place), replace(sip_call("000000000009"), silences=SPAN))
    settle(place, InProcess())
    assert (Call.objects.get().version, Version.objects.count()) == (2, 1)
    assert (found_in(place, within), found_in(place, outside)) == (0, len(outside))


def test_the_same_view_again_is_nothing_new(place: Place) -> None:
    for local in ("000000000001", "000000000009", "000000000017"):
        spool(live(place), replace(sip_call(local), silences=SPAN if local.endswith("1") else ()))
        settle(place, InProcess())
    assert Version.objects.get().number == 1


def test_an_end_that_one_node_knew_of_holds_for_both(place: Place) -> None:
    """The other one, cut off, would have silenced the rest of the call."""
    forgotten = ((SPAN[0][0], START + 900 * MS),)
    spool(live(place), replace(sip_call(), silences=forgotten))
    settle(place, InProcess())
    spool(live(place), replace(sip_call("000000000009"), silences=SPAN))
    settle(place, InProcess())
    within, outside = payloads(packets("caller"))
    assert Call.objects.get().version == 2
    assert (found_in(place, within), found_in(place, outside)) == (0, len(outside))


def test_a_call_without_signalling_is_silenced_alike(place: Place) -> None:
    spool(live(place), replace(rtp_call(), silences=SPAN))
    settle(place, InProcess())
    within, outside = payloads(packets("callee"))
    assert (found_in(place, within), found_in(place, outside)) == (0, len(outside))


def test_the_stored_call_file_tells_the_span(place: Place) -> None:
    """The library must be readable without its rows."""
    spool(live(place), replace(sip_call(), silences=SPAN))
    settle(place, InProcess())
    with tarfile.open(place.library / Version.objects.get().packets) as archive:
        member = archive.extractfile("call.json")
        assert member is not None
        facts = json.loads(member.read().partition(b"\n")[2])
    assert facts["silences"] == [list(span) for span in SPAN]
