"""Each person's language and time zone."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation


class PreferencesMiddleware:
    """The user's own choice, else what the browser asks for, else the settings."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        chosen = user.language if user.is_authenticated else ""
        language = chosen if chosen in dict(settings.LANGUAGES) else translation.get_language_from_request(request)
        zone = _zone(user.time_zone if user.is_authenticated else "")
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        if not response.has_header("Content-Language"):
            response["Content-Language"] = language
        return response


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name or settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)
