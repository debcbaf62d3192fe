"""An offer over the real link: taken in, synced, acknowledged; and what is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apresa.nodelink import LinkError
from recordings.domain.offering import PATH, packed
from recordings.domain.place import Place
from recordings.domain.releasing import Entry
from recordings.pipeline.spool.calls import read_call
from recordings.pipeline.spool.layout import Session
from tests.samples.spool import live, make_place, sip_call, spool
from tests.worker.link.nodes import Served, manage, serving

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("link")) as one:
        yield one


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def test_an_offered_call_is_an_entry_of_the_active_nodes_spool(served: Served, place: Place) -> None:
    session = live(place)
    call = spool(session, sip_call())
    with packed(Entry(session, session.call(call.local), 0.0), (), place.work) as offer:
        first, second = (served.link().upload(PATH, offer) for _ in range(2))
    taken = Session(served.data / "spool" / "offers")
    assert first == second
    found = read_call(taken.call(first["taken"]))
    assert (found.uuid, found.node, len(found.streams)) == (call.uuid, call.node, 2)
    assert sorted(path.suffix for path in taken.streams.iterdir()) == [".resolved"] * 2 + [".stream"] * 2


def test_what_is_no_call_is_refused_with_a_sentence(served: Served, tmp_path: Path) -> None:
    (tmp_path / "offer").write_bytes(b"nonsense")
    with pytest.raises(LinkError, match="The offer is no call") as refused:
        served.link().upload(PATH, tmp_path / "offer")
    assert (refused.value.code, refused.value.status) == ("unreadable", 400)
    assert list((served.data / "spool").glob(".offer-*")) == []


def test_a_node_that_stands_by_takes_no_offer(tmp_path: Path) -> None:
    (tmp_path / "offer").write_bytes(b"nonsense")
    with serving(tmp_path) as one:
        manage(one.data, "shell", "-v", "0", "-c", "from apresa.node import domain; domain.join_as_secondary('')")
        with pytest.raises(LinkError, match="offered to the active one") as refused:
            one.link().upload(PATH, tmp_path / "offer")
    assert (refused.value.code, refused.value.status) == ("not-active", 409)
