"""The code on the primary's page: one listener, found again, and what the page is told of it."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from apresa.audit import domain as audit
from apresa.audit.models import Entry
from apresa.node import domain as node
from cluster.pairing import domain, listening
from cluster.pairing.secondary import PairingError
from cluster.pairing.store import Peer, Store
from cluster.queries.pairing import Refusal, pairing_state
from worker.tasks import cluster as tasks

pytestmark = pytest.mark.django_db(databases=["default", "node"])


@pytest.fixture(autouse=True)
def folder(platform: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Store]:
    """A data directory of its own, a free port, and no thread: the tests do its work themselves."""
    monkeypatch.setattr(settings, "APRESA", settings.APRESA.model_copy(update={"data": tmp_path}))
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(listening, "PORT", server.getsockname()[1])
    monkeypatch.setattr(listening, "ring", lambda *_args, **_more: None)
    node.place(address="127.0.0.1", mask="8")
    store = Store(tmp_path / "cluster")
    yield store
    if store.has("offer.json"):
        store.keep_offer(None)


def port_of() -> int:
    return int(vars(listening)["PORT"])


def older(store: Store, seconds: float) -> None:
    current = store.offer()
    assert current is not None
    store.keep_offer(replace(current, until=current.until - seconds))


def test_a_machine_without_an_address_shows_no_code() -> None:
    known = node.identity()
    known.address = None
    known.save()
    with pytest.raises(PairingError, match="has no address of its own yet; set it up as the primary"):
        listening.show(by="anna")


def test_the_page_shows_the_code_the_address_and_the_time_left() -> None:
    made = listening.show(by="anna", address="192.0.2.7")
    seen = pairing_state()
    assert (seen.state, seen.code, seen.address, seen.listening) == ("open", str(made), "127.0.0.1", False)
    assert 0 < seen.seconds_left <= 900
    assert [len(group) for group in seen.groups] == [4] * 8
    entry = Entry.objects.using("node").get(action="pairing-offered")
    assert (entry.actor, entry.address) == ("anna", "192.0.2.7")


def test_before_any_code_there_is_nothing_to_serve() -> None:
    assert pairing_state().state == "none"
    assert listening.begin() is None


def test_a_code_of_the_command_line_is_left_to_the_command(folder: Store) -> None:
    domain.offer(by="command line")
    assert listening.open_now() is None
    assert pairing_state().address == ""


def test_the_clock_finds_a_code_that_nobody_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(listening, "_in_thread", lambda: begun.append("listens"))
    listening.show(by="anna")
    tasks.listen()
    for thread in threading.enumerate():
        if thread.name == "pairing":
            thread.join(10)
    assert begun == ["listens"]


def test_only_one_listens(folder: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    listening.show(by="anna")
    monkeypatch.setattr(domain, "serve", lambda *_args, **_more: pytest.fail("a second one listened"))
    with folder.only_listener() as mine:
        listening.listen()
        assert (mine, pairing_state().listening) == (True, True)


def test_it_listens_until_the_code_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[object] = []

    def serve(address: str, port: int, *, by: str) -> Iterator[None]:
        while listening.open_now():
            heard.append((address, port, by))
            yield None
            domain.cancel(by="anna")

    monkeypatch.setattr(domain, "serve", serve)
    listening.show(by="anna")
    listening.listen()
    assert heard == [("127.0.0.1", port_of(), "worker")]
    assert pairing_state().state == "none"
    assert Entry.objects.using("node").filter(action="pairing-cancelled").count() == 1


def test_cancelling_nothing_leaves_no_trace() -> None:
    domain.cancel(by="anna")
    assert Entry.objects.using("node").count() == 0


def test_a_port_in_use_is_told_on_the_page() -> None:
    with socket.create_server(("127.0.0.1", port_of())):
        listening.show(by="anna")
        listening.listen()
    said = f"Port {port_of()} of 127.0.0.1 cannot be used: Address already in use."
    assert (pairing_state().trouble, pairing_state().listening) == (said, False)


def test_a_stranger_is_refused_and_told_on_the_page() -> None:
    listening.show(by="anna")
    thread = threading.Thread(target=_hang_up, args=(port_of(),))
    thread.start()
    for _ in domain.serve("127.0.0.1", port_of(), by="worker"):
        if pairing_state().refused:
            break
    thread.join(30)
    (refusal,) = pairing_state().refused
    assert isinstance(refusal, Refusal)
    assert (refusal.address, refusal.name) == ("127.0.0.1", "")
    assert refusal.reason


def _hang_up(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
                return
        except OSError:
            continue


def test_refusals_of_an_earlier_code_are_not_shown_with_the_new_one() -> None:
    listening.show(by="anna")
    audit.record("worker", "pairing-refused", "myrec9", address="192.0.2.9", reason="The code is wrong.")
    assert [one.name for one in pairing_state().refused] == ["myrec9"]
    listening.show(by="anna")
    assert pairing_state().refused == ()


def test_a_code_that_ran_out_is_over(folder: Store) -> None:
    listening.show(by="anna")
    older(folder, 1000)
    assert (pairing_state().state, listening.open_now()) == ("over", None)


def test_once_paired_the_other_node_is_told(folder: Store) -> None:
    folder.prepare()
    folder.keep_peer(Peer("1", "myrec2", "192.0.2.12"))
    assert (pairing_state().state, pairing_state().peer) == ("paired", Peer("1", "myrec2", "192.0.2.12"))


def test_a_damaged_offer_is_one_sentence(folder: Store) -> None:
    folder.prepare()
    folder.write("offer.json", b"[")
    assert pairing_state().trouble == "The stored pairing offer cannot be read; make a new code."
    assert listening.open_now() is None
