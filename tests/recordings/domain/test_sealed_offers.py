"""What the other node heard, taken into a spool that is sealed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recordings.domain.claim import clear_streams
from recordings.domain.offering import forget_broken_off, packed, take_in
from recordings.domain.place import Place
from recordings.domain.releasing import Entry
from recordings.pipeline.spool.calls import read_call
from recordings.pipeline.spool.keys import KeyFolder
from recordings.pipeline.spool.layout import OFFERS, Session
from recordings.pipeline.spool.streams import read_stream
from tests.samples.sealing import all_bytes, reboot, sealed_session, unlock
from tests.samples.spool import NODE, live, make_place, packets, sip_call, spool

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("key_folder")]
SAID = [packet[12:] for _, packet in packets("caller")]


@pytest.fixture
def offer(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "other").mkdir()
    other = make_place(tmp_path / "other")
    session = live(other)
    call = spool(session, sip_call())
    with packed(Entry(session, session.call(call.local), 0.0), (), other.work) as path:
        yield path


def test_an_offer_lies_in_a_sealed_spool_sealed_and_reads_as_it_was(place: Place, offer: Path) -> None:
    sealed_session(place.spool / "live", NODE)
    session = Session(place.spool / OFFERS)
    call = read_call(session.call(take_in(place.spool, NODE, offer)))
    assert [len(read_stream(session.stream(binding.stream)).lengths) for binding in call.streams] == [50, 50]
    found = all_bytes(place.spool)
    assert [said in found for said in SAID] == [False] * len(SAID)
    assert b"INVITE" not in found


def test_an_offer_lies_in_clear_while_encryption_is_off(place: Place, offer: Path) -> None:
    take_in(place.spool, NODE, offer)
    found = all_bytes(place.spool)
    assert [said in found for said in SAID] == [True] * len(SAID)


def test_streams_of_an_offer_that_is_locked_are_never_cleared(place: Place, offer: Path, key_folder: KeyFolder) -> None:
    sealed_session(place.spool / "live", NODE)
    session = Session(place.spool / OFFERS)
    take_in(place.spool, NODE, offer)
    before = sorted(session.streams.iterdir())
    reboot(key_folder)
    forget_broken_off(place.spool, 1e12)
    clear_streams(session)
    assert sorted(session.streams.iterdir()) == before
    unlock(session, key_folder)
    forget_broken_off(place.spool, 1e12)
    clear_streams(session)
    assert sorted(session.streams.iterdir()) == before
