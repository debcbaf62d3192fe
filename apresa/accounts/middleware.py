"""Each person's language and time zone."""

import zoneinfo
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

BROWSER_ZONE = "apresa_time_zone"  # the cookie in which the browser says its own zone


class PreferencesMiddleware:
    """The user's own choice, else what the browser asks for, else the settings."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        chosen = user.language if user.is_authenticated else ""
        language = chosen if chosen in dict(settings.LANGUAGES) else translation.get_language_from_request(request)
        zone = _zone(user.time_zone if user.is_authenticated else "", request.COOKIES.get(BROWSER_ZONE, ""))
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        if not response.has_header("Content-Language"):
            response["Content-Language"] = language
        return response


def _zone(*names: str) -> zoneinfo.ZoneInfo:
    known = _known_zones()
    return zoneinfo.ZoneInfo(next((name for name in names if name in known), settings.TIME_ZONE))


@cache
def _known_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
