"""What only the old database knew: sealed on this node, handed on, merged; killed at any step it comes to the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import RequestFactory

from apresa.audit.models import Entry
from apresa.events.models import Event
from apresa.handover import Origin, Record, sealed
from apresa.node import domain as node
from apresa.nodelink import LinkError
from apresa.shared import clock
from cluster.domain import handing, tickets
from cluster.link import views_handover
from cluster.models import Ticket
from cluster.types import Result
from tests.fakes.killing import Killed, killed_before
from tests.fakes.old_database import old_database
from tests.fakes.recovery import FailedNode

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
NODE = "7" * 32
ORIGIN = Origin(NODE, "north", "0123abcd")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    found = tmp_path / "handover"
    monkeypatch.setattr(handing, "folder", lambda: found)
    monkeypatch.setattr(views_handover, "folder", lambda: found)
    return found


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The kept database, opened by the same two commands."""
    with old_database(tmp_path) as alias:
        monkeypatch.setattr(handing, "connected", lambda: _as_is(alias))
        yield alias


@contextmanager
def _as_is(alias: str) -> Iterator[str]:
    yield alias


@pytest.fixture
def ticket() -> Ticket:
    return tickets.open_ticket(case="split-brain", survivor="south", loser="north", by="anna")


class South:
    """The active node at the other end: its own view answers, in its own folder."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.monkeypatch, self.active = root, monkeypatch, True

    def upload(self, path: str, file: Path) -> dict[str, Any]:
        with self.monkeypatch.context() as patch:
            patch.setattr(views_handover, "folder", lambda: self.root)
            patch.setattr(views_handover, "is_active", lambda: self.active)
            code, found = put(path.rpartition("/")[2], file.read_bytes())
        if code >= 400:
            raise LinkError(found["sentence"], code=found["code"], status=code)
        return found


def put(name: str, content: bytes) -> tuple[int, dict[str, Any]]:
    import json  # noqa: PLC0415

    request = RequestFactory().put(f"{handing.PATH}{name}", content, content_type="application/octet-stream")
    response = views_handover.handover(request, name)
    return response.status_code, json.loads(getattr(response, "content", b"{}"))


def alive() -> None:
    """Nobody stops a test's search."""


def known_there(alias: str, *numbers: int) -> None:
    Entry.objects.using(alias).bulk_create(
        Entry(node=NODE, boot="b", number=number, at=clock.now(), actor="anna", action="listen") for number in numbers
    )


def merged() -> list[int]:
    return list(Entry.objects.using("default").order_by("number").values_list("number", flat=True))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def sealed_file(folder: Path, *numbers: int) -> Path:
    folder.mkdir(exist_ok=True)
    values = {"at": clock.now().isoformat(), "actor": "anna", "address": "", "action": "x", "object": "", "detail": {}}
    path = folder / f"{ORIGIN.file}.jsonl"
    records = [Record("audit", f"{UUID(NODE)}/b/{number}", values) for number in numbers]
    sealed.write(path, ORIGIN, [*records, Record("setting", "audio.format", {"there": "wav", "here": "flac"})])
    return path


def test_what_only_the_old_database_knew_is_sealed(ticket: Ticket, old: str, folder: Path) -> None:
    known_there(old, 1, 2)
    known_there("default", 2)
    node_ = FailedNode()
    found = handing.secure(ticket, node_, alive)
    assert (found.counts, found.trouble, found.kept) == ({"audit": 1}, "", f"/database/db/main.before-{ticket.key}")
    assert node_.done == ["kept-open", "kept-close", "kept-read"]
    assert names(folder) == [f"{node.identity().uuid.hex}-{ticket.key}.jsonl"]
    assert handing.secure(ticket, node_, alive) == found  # once for a recovery
    assert node_.done[3:] == ["kept-close", "kept-read"]  # in case a killed worker left it open


def test_an_old_database_that_does_not_start_is_told_with_its_place(ticket: Ticket, old: str, folder: Path) -> None:
    broken = FailedNode(changes={"kept-open": lambda _node: Result((), 1, "", "the log is damaged\n")})
    found = handing.secure(ticket, broken, alive)
    assert (found.trouble, found.kept) == ("the log is damaged", f"/database/db/main.before-{ticket.key}")
    assert (names(folder), handing.hand_on()) == ([], True)
    assert handing.secure(ticket, FailedNode(), alive).trouble == ""  # another time it may


def test_an_old_database_of_another_release_is_told(
    ticket: Ticket, old: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connections  # noqa: PLC0415

    with connections[old].schema_editor() as editor:
        editor.delete_model(Entry)
    node_ = FailedNode()
    assert handing.secure(ticket, node_, alive).trouble == "no such table: audit_entry"
    assert (node_.done, names(folder)) == (["kept-open", "kept-close"], [])


def test_who_stops_the_recovery_stops_the_search_too(ticket: Ticket, old: str, folder: Path) -> None:
    known_there(old, 1)

    def stopped() -> None:
        raise Killed

    with pytest.raises(Killed):
        handing.secure(ticket, FailedNode(), stopped)
    assert names(folder) == []


def test_the_active_node_merges_what_waits_on_it(folder: Path) -> None:
    sealed_file(folder, 1, 2)
    assert handing.hand_on() is True
    assert (merged(), names(folder)) == ([1, 2], [f"{ORIGIN.file}.done"])
    told = Entry.objects.using("node").get(action="handover-merged")
    assert (told.actor, told.object, told.detail["added"]) == ("north", ORIGIN.file, {"audit": 2})
    setting = {"kind": "setting", "key": "audio.format", "there": "wav", "here": "flac"}
    assert told.detail["told"] == [setting]
    event = Event.objects.get(code="cluster-handover-taken")
    assert event.sentence == (
        "What only the old database of north knew has been merged: 2 new records. 1 differences are listed."
    )


def test_a_node_that_stands_by_gives_it_to_the_active_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = sealed_file(folder, 1)
    content = waiting.read_bytes()
    south = South(tmp_path / "south", monkeypatch)
    monkeypatch.setattr(handing, "is_active", lambda: False)
    monkeypatch.setattr(handing, "other_node", lambda: south)
    assert handing.hand_on() is True
    assert (names(folder), names(south.root)) == ([f"{ORIGIN.file}.done"], [f"{ORIGIN.file}.jsonl"])
    assert ((south.root / waiting.name).read_bytes(), merged()) == (content, [])
    assert put(ORIGIN.file, content)[0] == 200  # sent again it is known
    assert names(folder) == [f"{ORIGIN.file}.done"]


def test_while_the_other_node_cannot_take_it_an_alarm_is_open(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed_file(folder, 1)
    south = South(tmp_path / "south", monkeypatch)
    south.active = False
    monkeypatch.setattr(handing, "is_active", lambda: False)
    monkeypatch.setattr(handing, "other_node", lambda: south)
    assert (handing.hand_on(), handing.hand_on()) == (False, False)
    alarm = Event.objects.get(code="cluster-handover-waits")
    assert alarm.sentence == (
        "What only the old database of north knew is not yet merged: "
        "This node stands by: records go to the active one. It is tried again by itself."
    )
    south.active = True
    assert handing.hand_on() is True
    alarm.refresh_from_db()
    assert (alarm.closed_at is not None, names(folder)) == (True, [f"{ORIGIN.file}.done"])


def test_a_file_that_was_damaged_on_the_disk_is_kept_and_told(folder: Path) -> None:
    path = sealed_file(folder, 1)
    path.write_bytes(path.read_bytes()[:-5])
    assert (handing.hand_on(), merged(), names(folder)) == (False, [], [path.name])
    assert Event.objects.get(code="cluster-handover-waits").parameters["reason"].startswith("The file of records")


@pytest.mark.parametrize(
    ("name", "cut", "code"),
    [("0" * 32 + "-0123abcd", 0, 400), (ORIGIN.file, 5, 400), ("..", 0, 404), ("x" * 41, 0, 404)],
)
def test_other_bytes_are_refused_and_leave_nothing(
    name: str, cut: int, code: int, folder: Path, tmp_path: Path
) -> None:
    content = sealed_file(tmp_path / "elsewhere", 1).read_bytes()
    assert put(name, content[: len(content) - cut])[0] == code
    assert not folder.exists() or names(folder) == []


def test_killed_before_any_step_of_the_search_it_comes_to_the_same(
    ticket: Ticket, old: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_there(old, 1, 2)
    number = 0
    while killed_before(number, monkeypatch, lambda: _secured(ticket)):
        number += 1
        assert _secured(ticket) == {"audit": 2}
        (path,) = folder.glob("*.jsonl")
        assert sealed.check(path).ticket == ticket.key
        path.unlink()
    assert number == 5  # file, its name, its folder; its seal and content are read again


def _secured(ticket: Ticket) -> dict[str, int]:
    return handing.secure(ticket, FailedNode(), alive).counts


def test_killed_before_any_step_of_the_way_each_record_is_merged_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    south = South(tmp_path / "south", monkeypatch)
    monkeypatch.setattr(handing, "other_node", lambda: south)

    def by_both() -> None:
        """The one that stands by gives it; the active one merges."""
        with monkeypatch.context() as patch:
            patch.setattr(handing, "is_active", lambda: False)
            assert handing.hand_on() is True
        if south.root.exists():
            with monkeypatch.context() as patch:
                patch.setattr(handing, "folder", lambda: south.root)
                assert handing.hand_on() is True

    def begin() -> None:
        for path in (*folder.glob("*"), *south.root.glob("*")):
            path.unlink()
        Entry.objects.using("default").all().delete()
        sealed_file(folder, 1, 2)

    number = 0
    begin()
    while killed_before(number, monkeypatch, by_both):
        number += 1
        by_both()
        assert merged() == [1, 2]
        assert names(folder) == names(south.root) == [f"{ORIGIN.file}.done"]
        begin()
    assert number > 8
