"""The side that asks, against another node that behaves and one that does not."""

import hashlib
import socket
import ssl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apresa.nodelink import LinkError
from cluster.link import connection
from cluster.link.client import link_of
from cluster.pairing.store import Store
from tests.cluster.pairing.houses import HERE
from tests.fakes.peer import FakePeer, answer

PATH = "/link/v1/file"


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> FakePeer:
    return FakePeer(tmp_path_factory.mktemp("peer"))


@contextmanager
def refused(sentence: str, code: str = "unreachable") -> Iterator[None]:
    with pytest.raises(LinkError) as found:
        yield
    assert (str(found.value), found.value.code) == (sentence, code)


def test_a_question_is_sent_and_its_answer_read(peer: FakePeer) -> None:
    with peer.saying(answer(b'{"good": 1}')) as link:
        assert link.post("/link/v1/ask", {"what": "é"}) == {"good": 1}
    assert peer.heard[-1].startswith(b"POST /link/v1/ask HTTP/1.1\r\n")


def test_a_refusal_comes_with_the_other_nodes_own_sentence(peer: FakePeer) -> None:
    said = answer(b'{"code": "read-only", "sentence": "Not here."}', "409 Conflict")
    with peer.saying(said) as link, refused("Not here.", "read-only"):
        link.get(PATH)


def test_a_refusal_without_a_sentence_has_its_number(peer: FakePeer) -> None:
    with (
        peer.saying(answer(b"<html>", "502 Bad Gateway")) as link,
        refused("The other node refused with number 502.", "refused"),
    ):
        link.get(PATH)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"{", b"[" * 100_000])
def test_an_answer_that_is_no_object_is_one_error(peer: FakePeer, content: bytes) -> None:
    with (
        peer.saying(answer(content)) as link,
        refused("The other node's answer cannot be read; is it of the same release?", "unreadable"),
    ):
        link.get(PATH)


@given(st.binary(max_size=300))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_bytes_come_there_is_one_error(peer: FakePeer, said: bytes) -> None:
    with peer.saying(said) as link, pytest.raises(LinkError):
        link.get(PATH)


def test_a_peer_that_hangs_up_in_the_middle_is_told(peer: FakePeer) -> None:
    with (
        peer.saying(answer(b'{"good": 1}')[:-3]) as link,
        refused("The other node hung up in the middle of an answer."),
    ):
        link.get(PATH)


def test_an_answer_is_not_read_beyond_its_bound(peer: FakePeer) -> None:
    with (
        peer.saying(answer(b'{"a": "%s"}' % (b"x" * 5000))) as link,
        refused("The other node's answer is longer than 1000 bytes.", "too-long"),
    ):
        link.get(PATH, most=1000)


def test_a_peer_that_does_not_answer_costs_the_time_limit(peer: FakePeer) -> None:
    with peer.saying(_listens_only) as link, refused("The other node did not answer in time.", "late"):
        link.get(PATH, seconds=0.3)


def test_a_peer_that_drips_costs_the_time_limit_all_the_same(peer: FakePeer) -> None:
    def drip(connection: ssl.SSLSocket, _head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            connection.sendall(b"x")
            connection.settimeout(0.1)
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue

    with peer.saying(drip) as link, pytest.raises(LinkError):
        link.get(PATH, seconds=0.5)


def test_a_peer_that_is_stopped_in_the_handshake_costs_the_time_limit(
    peer: FakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECT", 0.3)
    with socket.create_server((HERE, 0)) as silent:
        link = link_of(peer.caller, (HERE,), silent.getsockname()[1])
        with refused(f"The other node does not answer ({HERE}: no answer in time)."):
            link.get(PATH)


def test_a_node_with_another_number_is_not_asked(peer: FakePeer, tmp_path: Path) -> None:
    third = Store(tmp_path)
    third.prepare()
    for name in ("authority.key", "authority.pem"):
        third.write(name, peer.store.read(name))
    third.begin_cluster(uuid.UUID(int=3), datetime.now(UTC))
    heard = len(peer.heard)
    with (
        peer.saying(answer(b"{}"), third) as link,
        refused(f"The other node does not answer ({HERE}: another node answers there)."),
    ):
        link.get(PATH)
    assert peer.heard[heard:] in ([], [b""])


def test_a_dead_first_address_is_tried_once_only(peer: FakePeer, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    real = socket.create_connection

    def create(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address[0])
        return real(address, timeout=timeout)

    monkeypatch.setattr(connection, "_answered", {})
    with peer.saying(answer(b"{}")) as link:
        two = link_of(peer.caller, ("127.0.0.77", HERE), link.port)
        monkeypatch.setattr(socket, "create_connection", create)
        two.get(PATH)
        two.get(PATH)
    assert tried == ["127.0.0.77", HERE, HERE]


def test_a_machine_that_is_not_paired_has_no_other_node(tmp_path: Path) -> None:
    with refused("This machine is paired with no other node.", "not-paired"):
        link_of(Store(tmp_path))


def test_a_download_goes_on_where_it_was_broken_off(peer: FakePeer, tmp_path: Path) -> None:
    content, to = bytes(range(256)) * 4, tmp_path / "part"
    with (
        peer.saying(answer(content)[:-700]) as link,
        refused("The other node hung up in the middle of an answer."),
    ):
        link.download(PATH, to=to)
    have = to.stat().st_size
    assert have == 324
    rest = answer(content[have:], "206 Partial Content", Content_Range=f"bytes {have}-1023/1024")
    with peer.saying(rest) as link:
        assert link.download(PATH, to=to, sha256=hashlib.sha256(content).hexdigest()) == 1024
    assert to.read_bytes() == content
    assert b"Range: bytes=324-\r\n" in peer.heard[-1]


def test_a_download_begins_anew_where_the_other_node_sends_all(peer: FakePeer, tmp_path: Path) -> None:
    to = tmp_path / "part"
    to.write_bytes(b"old")
    with peer.saying(answer(b"whole")) as link:
        assert link.download(PATH, to=to) == 5
    assert to.read_bytes() == b"whole"


def test_a_download_that_was_complete_is_complete(peer: FakePeer, tmp_path: Path) -> None:
    to = tmp_path / "part"
    to.write_bytes(b"whole")
    with peer.saying(answer(b"", "416 Range Not Satisfiable")) as link:
        assert link.download(PATH, to=to, sha256=hashlib.sha256(b"whole").hexdigest()) == 5


def test_a_damaged_download_is_removed(peer: FakePeer, tmp_path: Path) -> None:
    to = tmp_path / "part"
    with (
        peer.saying(answer(b"whole")) as link,
        refused("The other node's file came damaged; ask again.", "damaged"),
    ):
        link.download(PATH, to=to, sha256=hashlib.sha256(b"other").hexdigest())
    assert not to.exists()


def test_a_part_of_elsewhere_is_not_appended(peer: FakePeer, tmp_path: Path) -> None:
    to = tmp_path / "part"
    to.write_bytes(b"abc")
    with (
        peer.saying(answer(b"xyz", "206 Partial Content", Content_Range="bytes 30-32/40")) as link,
        refused("The other node sent another part of the file than the one asked for."),
    ):
        link.download(PATH, to=to)
    assert to.read_bytes() == b"abc"


def test_a_full_disk_here_is_told_as_such(peer: FakePeer) -> None:
    with (
        peer.saying(answer(b"x" * 100_000)) as link,
        refused("The file cannot be written here: No space left on device.", "not-written"),
    ):
        link.download(PATH, to=Path("/dev/full"))


def test_a_file_is_sent_whole(peer: FakePeer, tmp_path: Path) -> None:
    content, got = b"audio" * 100_000, bytearray()

    def take(connection: ssl.SSLSocket, head: bytes) -> None:
        got.extend(head.partition(b"\r\n\r\n")[2])
        while len(got) < len(content):
            got.extend(connection.recv(65536))
        connection.sendall(answer(b'{"size": %d}' % len(got)))

    (tmp_path / "file").write_bytes(content)
    with peer.saying(take) as link:
        assert link.upload(PATH, tmp_path / "file") == {"size": len(content)}
    assert bytes(got) == content


def test_a_file_that_went_away_is_told_as_such(peer: FakePeer, tmp_path: Path) -> None:
    with (
        peer.saying(answer(b"{}")) as link,
        refused("The file that was to be sent is not there any more.", "not-there"),
    ):
        link.upload(PATH, tmp_path / "file")


def test_a_fault_of_the_asker_stays_its_own(peer: FakePeer) -> None:
    with peer.saying(answer(b"abc")) as link, pytest.raises(OSError, match="mine"), link.stream(PATH):
        raise OSError("mine")


def _listens_only(connection: ssl.SSLSocket, _head: bytes) -> None:
    connection.recv(1)
