"""By which names browsers may ask for this machine: its addresses always, names when they are its own."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import split_domain_port, validate_host
from django.utils.html import escape
from django.utils.translation import gettext as _


class HostMiddleware:
    """Refuses foreign names: a page of another site could have its name point here (DNS rebinding).

    An address cannot be made to point elsewhere, so any is good: the machine's own change with its network.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name, _port = split_domain_port(request.META.get("HTTP_HOST") or "localhost")
        if _is_address(name) or validate_host(name, settings.HOST_NAMES):
            return self.get_response(request)
        sentence = _("This machine is not known as %(name)s. An administrator can add that name to allowed_hosts.")
        return HttpResponse(escape(sentence % {"name": name[:255] or "?"}), status=400, content_type="text/plain")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
