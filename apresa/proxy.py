"""Who asks, when a front server stands between: its word is taken only when the settings name it."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

UNIX_SOCKET = "unix"
HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


class ProxyMiddleware:
    """Puts the browser's own address into REMOTE_ADDR: waits after wrong passwords and the audit trail go by it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        trusted = settings.APRESA.trusted_proxies
        peer = request.META.get("REMOTE_ADDR") or UNIX_SOCKET
        if peer in trusted:
            request.META["REMOTE_ADDR"] = _browser(request.META.get("HTTP_X_FORWARDED_FOR", ""), trusted) or peer
        else:
            for name in HEADERS:
                request.META.pop(name, None)
        return self.get_response(request)


def _browser(header: str, trusted: tuple[str, ...]) -> str:
    """The last address that no trusted server wrote about itself; what stands before it may be invented."""
    for part in reversed(header[-1000:].split(",")):
        address = part.strip()
        if address in trusted:
            continue
        try:
            return str(ipaddress.ip_address(address.partition("%")[0]))
        except ValueError:
            return ""
    return ""
