"""Pairing of this machine: what it refuses, and what it puts on record."""

import io
import socket
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pydantic import SecretStr

from apresa.audit.models import Entry
from apresa.shared import clock
from cluster.pairing import domain, offer
from cluster.pairing.primary import Event, make_code
from cluster.pairing.secondary import PairingError
from cluster.pairing.store import Peer, Store

pytestmark = pytest.mark.django_db(databases=["default", "node"])
SHOWN = "AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO"


@pytest.fixture(autouse=True)
def folder(platform: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """Each test pairs in a data directory of its own."""
    monkeypatch.setattr(settings, "APRESA", settings.APRESA.model_copy(update={"data": tmp_path}))
    return Store(tmp_path / "cluster")


def audited() -> list[tuple[str, str, str, Any]]:
    rows = Entry.objects.using("node").order_by("number")
    return [(row.actor, row.action, row.object, row.detail.get("reason")) for row in rows]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_offer_is_audited_and_its_code_fits_this_node(folder: Store) -> None:
    made = domain.offer(by="anna")
    kept = folder.offer()
    assert kept is not None
    assert (kept.secret, audited()) == (made.secret, [("anna", "pairing-offered", "", None)])


def test_strangers_are_audited_but_do_not_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain, "MOST_STRANGERS", 2)
    domain.offer(by="anna")
    port = free_port()
    events = domain.serve("127.0.0.1", port, by="anna")
    assert next(events) is None
    thread = threading.Thread(target=_hang_up, args=(port, 4))
    thread.start()
    came = [next(event for event in events if event is not None).what for _ in range(4)]
    thread.join(30)
    events.close()
    assert came == ["refused"] * 4
    assert [row[:3] for row in audited()[1:]] == [("anna", "pairing-refused", "")] * 2


def _hang_up(port: int, times: int) -> None:
    for _ in range(times):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")


def test_port_in_use_is_one_sentence() -> None:
    domain.offer(by="anna")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PairingError, match=f"^Port {port} of 127.0.0.1 cannot be used: Address already in use"):
            domain.serve("127.0.0.1", port, by="anna")


def test_paired_machine_makes_no_code(folder: Store) -> None:
    folder.prepare()
    folder.keep_peer(Peer("1", "myrec2", "192.0.2.12"))
    with pytest.raises(PairingError, match=r"^This machine is already paired with myrec2 \(192\.0\.2\.12\)\.$"):
        domain.offer(by="anna")


def test_damaged_file_of_a_peer_is_one_sentence(folder: Store) -> None:
    folder.prepare()
    folder.write("peer.json", b"[")
    with pytest.raises(PairingError, match="cannot be read; pair the nodes again"):
        domain.offer(by="anna")


def test_secret_key_in_the_settings_stands_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    fixed = settings.APRESA.model_copy(update={"secret_key": SecretStr("k" * 50)})
    monkeypatch.setattr(settings, "APRESA", fixed)
    with pytest.raises(PairingError, match="stands in its settings; remove it there"):
        domain.join("127.0.0.1", free_port(), SHOWN, by="anna")


def test_cluster_secret_key_replaces_this_machines_own(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("a" * 50)
    domain._keep_secret_key("b" * 50)
    path = tmp_path / "secret_key"
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("b" * 50, 0o600)


def test_failed_join_is_audited_without_the_code(tmp_path: Path) -> None:
    made = make_code(Store(tmp_path / "other"), domain._me(), clock.now().timestamp())
    with pytest.raises(PairingError):
        domain.join("127.0.0.1", free_port(), str(made), by="anna")
    sentence = "Pairing with 127.0.0.1 failed: Connection refused."
    assert audited() == [("anna", "pairing-failed", "127.0.0.1", sentence)]


def test_forgetting_leaves_nothing_behind(folder: Store) -> None:
    domain.offer(by="anna")
    folder.keep_peer(Peer("1", "myrec2", "192.0.2.12"))
    domain.forget(by="anna")
    assert [path.name for path in folder.folder.iterdir() if path.name != "lock"] == []


def test_forgetting_nothing_is_no_fault() -> None:
    domain.forget(by="anna")
    assert audited() == [("anna", "pairing-forgotten", "", None)]


@pytest.mark.parametrize("typed", ["", SHOWN])
def test_command_wants_a_whole_code(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    with pytest.raises(CommandError, match="eight groups of four"):
        call_command("cluster_pair", "join", "127.0.0.1")


def test_command_says_when_nobody_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offer, "VALID", 0.0)
    with pytest.raises(CommandError, match="Nobody was paired, and the code is void now"):
        call_command("cluster_pair", f"--port={free_port()}", "offer", "--listen=127.0.0.1", stdout=io.StringIO())


def test_command_tells_each_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [None, Event("refused", "192.0.2.7", reason="no"), Event("paired", "192.0.2.12", "myrec2")]
    monkeypatch.setattr(domain, "serve", lambda *_, **__: iter(told))
    out = io.StringIO()
    call_command("cluster_pair", "offer", "--listen=127.0.0.1", stdout=out)
    assert out.getvalue().splitlines()[2:] == ["Refused 192.0.2.7: no", "Paired with 'myrec2' at 192.0.2.12."]


def test_command_shows_and_forgets_the_peer(folder: Store) -> None:
    folder.prepare()
    folder.keep_peer(Peer("1", "myrec2", "192.0.2.12"))
    said = []
    for act in ("show", "forget", "show"):
        out = io.StringIO()
        call_command("cluster_pair", act, stdout=out)
        said.append(out.getvalue().strip())
    assert said == ["myrec2 192.0.2.12 1", "This machine knows no other one now.", "This machine is not paired."]


@pytest.mark.parametrize("port", ["0", "65536", "-1"])
def test_command_wants_a_port(port: str) -> None:
    with pytest.raises(CommandError, match="from 1 to 65535"):
        call_command("cluster_pair", f"--port={port}", "show")
