"""Signing in, every page, signing out: on the primary, on a hot standby, and with PostgreSQL stopped."""

import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.full.browser import Browser
from tests.full.nodes import Node
from tests.full.servers import Postgres, redis_server, start_primary

PASSWORD = "a long enough phrase"
pytestmark = pytest.mark.full


@dataclass(frozen=True, slots=True)
class Cluster:
    primary: Postgres
    standby: Postgres
    first: Node
    second: Node
    pages: set[str]
    """All that an administrator reaches by links on the primary."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    # Not below pytest's own directory: other users may not enter it, and a socket's path is short.
    with tempfile.TemporaryDirectory(prefix="apresa-full-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        sockets = folder / "pg"
        sockets.mkdir()
        primary = start_primary(sockets)
        standby = primary.standby(sockets / "standby", 5433)
        try:
            with redis_server(folder) as redis_url:
                first = Node(folder / "first", primary.url, redis_url)
                second = Node(folder / "second", standby.url, redis_url)
                pages = _prepare(primary, standby, first, second)
                yield Cluster(primary, standby, first, second, pages)
        finally:
            for server in (standby, primary):
                if server.is_running():
                    server.stop("immediate")


def _prepare(primary: Postgres, standby: Postgres, first: Node, second: Node) -> set[str]:
    first.manage("migrate")
    first.manage("user", "add", "anna", "--role", "administrator", "--password-stdin", stdin=PASSWORD)
    first.manage("user", "add", "bob", "--role", "listener", "--password-stdin", stdin=PASSWORD)
    first.manage("shell", "-c", "from tests.browser.seed import seed; seed(4)")
    primary.wait_for(standby)
    second.manage("migrate")
    second.manage("shell", "-c", "from apresa.node import domain; domain.join_as_secondary('recorder-1.example.org')")
    with second.web() as browser:  # from then on this machine knows its administrators by itself
        assert browser.sign_in("anna", PASSWORD).path != "/sign-in/"
    with first.web() as browser:
        assert browser.sign_in("anna", PASSWORD).status == 200
        pages = browser.crawl("/")
    assert _failures(browser) == []
    return pages


def test_primary_has_pages_worth_opening(cluster: Cluster) -> None:
    assert {"/calls/", "/active-calls/", "/system/", "/account/", "/admin/accounts/user/"} - cluster.pages == set()
    assert len([page for page in cluster.pages if re.fullmatch("/calls/[0-9a-f-]{36}/", page)]) == 4


def test_standby_serves_every_page_and_both_passwords(cluster: Cluster) -> None:
    with cluster.second.web() as browser:
        assert "do not belong together" in browser.sign_in("anna", "wrong").text
        _sign_in_open_all_sign_out(browser, cluster.pages)


def test_standby_refuses_a_change_and_names_the_primary(cluster: Cluster) -> None:
    with cluster.second.web() as browser:
        browser.sign_in("anna", PASSWORD)
        browser.get("/admin/auth/group/add/")
        answer = browser.post("/admin/auth/group/add/", name="new")
    assert (answer.status, "recorder-1.example.org" in answer.text) == (409, True)


def test_standby_is_ready(cluster: Cluster) -> None:
    with cluster.second.web() as browser:
        assert browser.get("/readyz").status == 200


def test_stopped_database_lets_administrators_in_and_explains_every_page(cluster: Cluster) -> None:
    cluster.standby.stop()
    try:
        with cluster.second.web() as browser:
            assert "only administrators can sign in" in browser.sign_in("anna", "wrong").text
            assert "only administrators can sign in" in browser.sign_in("bob", PASSWORD).text
            _sign_in_open_all_sign_out(browser, cluster.pages)
    finally:
        cluster.standby.start()


def test_session_lives_through_a_stop_and_a_start(cluster: Cluster) -> None:
    with cluster.second.web() as browser:
        browser.sign_in("anna", PASSWORD)
        cluster.standby.stop("immediate")
        try:
            during = browser.get("/")
        finally:
            cluster.standby.start()
        _wait_until_back(browser)
        after = browser.get("/admin/accounts/user/")
    assert ("Sign out" in during.text, after.status, "bob" in after.text) == (True, 200, True)
    assert _failures(browser) == []


def test_frozen_database_costs_the_first_page_seconds_and_the_others_nothing(cluster: Cluster) -> None:
    with cluster.second.web() as browser:
        browser.sign_in("anna", PASSWORD)
        with cluster.standby.frozen():
            browser.get("/calls/")
            begun = time.monotonic()
            pages = [browser.get(path).status for path in ("/calls/", "/account/", "/system/", "/admin/", "/calls/")]
            seconds = time.monotonic() - begun
        _wait_until_back(browser)
    assert (pages, seconds < 5) == ([200] * 5, True), seconds
    assert _failures(browser) == []


def _sign_in_open_all_sign_out(browser: Browser, pages: set[str]) -> None:
    inside = browser.sign_in("anna", PASSWORD)
    assert (inside.status, inside.path) != (200, "/sign-in/")
    for page in sorted(pages):
        browser.get(page)
    kept = dict(browser.cookies)
    assert browser.post("/sign-out/").path == "/sign-in/"
    browser.cookies = kept
    assert browser.get("/").path.startswith("/sign-in/")
    assert _failures(browser) == []


def _wait_until_back(browser: Browser) -> None:
    deadline = time.monotonic() + 20
    while "cannot be reached" in browser.get("/calls/").text:
        assert time.monotonic() < deadline, "the database is back, and the page does not know"


def _failures(browser: Browser) -> list[tuple[str, int]]:
    return [(path, status) for path, status in browser.seen if status >= 500]
