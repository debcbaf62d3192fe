"""Who asks, when a front server stands between."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from apresa.proxy import HEADERS, ProxyMiddleware, _browser


def seen(peer: str, header: str) -> HttpRequest:
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=header, HTTP_X_FORWARDED_PROTO="https")
    ProxyMiddleware(lambda _request: HttpResponse())(request)
    return request


@pytest.fixture(autouse=True)
def _front_servers(settings: Any) -> None:
    settings.APRESA = settings.APRESA.model_copy(update={"trusted_proxies": ("127.0.0.1", "192.0.2.1", "unix")})


@pytest.mark.parametrize(
    ("peer", "header", "address"),
    [
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "10.0.0.1, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7, 192.0.2.1", "198.51.100.7"),
        ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "fe80::1%" + "x" * 500, "fe80::1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "me, 'or'", "127.0.0.1"),
        ("198.51.100.9", "10.0.0.1", "198.51.100.9"),
    ],
)
def test_browser_behind_a_front_server_has_this_address(peer: str, header: str, address: str) -> None:
    assert seen(peer, header).META["REMOTE_ADDR"] == address


def test_stranger_cannot_claim_to_be_forwarded() -> None:
    assert [name for name in HEADERS if name in seen("198.51.100.9", "10.0.0.1").META] == []


@given(st.text(max_size=2000))
def test_arbitrary_header_gives_an_address_or_nothing(header: str) -> None:
    assert len(_browser(header, ("127.0.0.1",))) <= 60
