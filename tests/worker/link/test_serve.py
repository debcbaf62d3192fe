"""The link between two real processes, and what those get who are not the paired node."""

import json
import socket
import ssl
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apresa.nodelink import LinkError
from apresa.release import release
from cluster.link.report import fetch
from cluster.pairing.link import client_context
from cluster.pairing.store import Store
from cluster.replies import Replies
from cluster.types import NodeLink
from tests.cluster.pairing.houses import HERE, House
from tests.worker.link.nodes import Served, free_port, manage, paired, said_next, serving, started
from worker.link.guard import MOST_JSON

pytestmark = pytest.mark.embedded
REPORT = b"GET /link/v1/report HTTP/1.1\r\nHost: node\r\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("link")) as one:
        yield one


def said(served: Served, context: ssl.SSLContext, words: bytes) -> tuple[int, dict[str, str]]:
    """What a caller with this certificate is answered, number and JSON."""
    with (
        socket.create_connection((HERE, served.port), timeout=60) as plain,
        context.wrap_socket(plain) as connection,
    ):
        connection.sendall(words)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, content = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(content)


def test_the_paired_node_gets_a_report_of_now(served: Served) -> None:
    """Of a machine on which no cluster is set up yet: nothing but its configuration was asked."""
    told = fetch(served.link())
    assert isinstance(told.replies, Replies)
    assert isinstance(told.link, NodeLink)
    assert list(told.replies.results) == ["configuration"]
    assert (told.link.release, abs(told.link.skew) <= 1) == (release(), True)


def test_another_address_is_tried_when_the_first_is_dead(served: Served) -> None:
    assert served.link("127.0.0.77", HERE).get("/link/v1/report")["release"] == release()


def test_an_unknown_question_is_refused_with_a_sentence(served: Served) -> None:
    with pytest.raises(LinkError) as refused:
        served.link().get("/link/v1/weather")
    assert (refused.value.status, refused.value.code) == (404, "unknown")


def test_a_question_by_the_wrong_method_is_refused(served: Served) -> None:
    with pytest.raises(LinkError) as refused:
        served.link().post("/link/v1/report", {})
    assert (refused.value.status, refused.value.code) == (405, "method")


def test_a_caller_without_a_certificate_gets_no_word(served: Served) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    assert _heard(served, context) == b""


def test_a_certificate_of_another_authority_gets_no_word(served: Served, tmp_path: Path) -> None:
    stranger = House(tmp_path / "other").store
    context = client_context(stranger)
    context.load_verify_locations(served.first.path("authority.pem"))
    assert _heard(served, context) == b""


def test_older_versions_of_tls_are_not_spoken(served: Served) -> None:
    context = client_context(served.second)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert _heard(served, context) == b""


def test_the_nodes_own_certificate_is_not_the_other_nodes(served: Served) -> None:
    status, answer = said(served, client_context(served.first), REPORT + b"Connection: close\r\n\r\n")
    assert (status, answer["code"]) == (403, "foreign-node")


def test_a_third_certificate_of_the_authority_is_refused(served: Served, tmp_path: Path) -> None:
    third = Store(tmp_path)
    for name in ("authority.key", "authority.pem"):
        third.write(name, served.first.read(name))
    third.begin_cluster(uuid.UUID(int=3), datetime.now(UTC))
    status, answer = said(served, client_context(third), REPORT + b"Connection: close\r\n\r\n")
    assert (status, answer["code"]) == (403, "foreign-node")


def test_a_question_that_is_too_long_is_refused_before_it_comes(served: Served) -> None:
    head = b"POST /link/v1/report HTTP/1.1\r\nHost: node\r\nContent-Length: %d\r\n\r\n" % (MOST_JSON + 1)
    status, answer = said(served, client_context(served.second), head)
    assert (status, answer["code"]) == (413, "too-long")


def test_a_caller_that_says_nothing_is_hung_up_on(served: Served) -> None:
    with (
        socket.create_connection((HERE, served.port), timeout=60) as plain,
        client_context(served.second).wrap_socket(plain) as connection,
    ):
        connection.sendall(b"GET /link")
        assert _rest(connection) == b""
    assert served.link().get("/link/v1/report")["release"] == release()


def test_garbage_does_not_stop_the_server(served: Served) -> None:
    with (
        socket.create_connection((HERE, served.port), timeout=60) as plain,
        client_context(served.second).wrap_socket(plain) as connection,
    ):
        connection.sendall(b"\x00\xff\x16garbage\r\n\r\n")
        assert _rest(connection).startswith(b"HTTP/1.1 400 ")
    with socket.create_connection((HERE, served.port), timeout=60) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert served.link().get("/link/v1/report")["release"] == release()


def test_the_server_ends_when_the_pairing_changes(tmp_path: Path) -> None:
    """Who watches over it starts it anew, with the certificates of then."""
    with serving(tmp_path) as own:
        own.first.remove("peer.json")
        assert own.server.wait(60) == 0


def test_a_machine_that_is_not_paired_waits_for_it(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    manage(tmp_path / "first", "migrate", "--database=node", "--verbosity=0")
    with started(tmp_path / "first", free_port()) as server:
        assert said_next(server) == "The link waits for the pairing"
        paired(tmp_path)
        assert said_next(server) == "The link listens"


def test_a_certificate_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    house, _ = paired(tmp_path)
    house.store.write("node.pem", b"rubbish")
    manage(tmp_path / "first", "migrate", "--database=node", "--verbosity=0")
    with started(tmp_path / "first", free_port()) as server:
        _, told = server.communicate(timeout=60)
    assert (server.returncode, told.splitlines()[-1].partition(" (")[0]) == (
        1,
        "The pairing's certificate cannot be used",
    )


def _rest(connection: ssl.SSLSocket) -> bytes:
    try:
        return connection.recv(65536)
    except OSError:  # a reset says the same
        return b""


def _heard(served: Served, context: ssl.SSLContext) -> bytes:
    """All that a caller gets whose handshake is refused: an alert, or the end of the connection."""
    with (
        suppress(ssl.SSLError),
        socket.create_connection((HERE, served.port), timeout=60) as plain,
        context.wrap_socket(plain) as connection,
    ):
        connection.sendall(REPORT + b"Connection: close\r\n\r\n")
        return _rest(connection)
    return b""
