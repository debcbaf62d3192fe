"""A call's audio: the stored file, or made of it in another format or with one side."""

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from apresa.ranges import file_response
from recordings.api.access import SIGNED_IN, MayDownload, MayListen, call_or_404, check, note
from recordings.api.errors import Problem, no_audio, not_readable
from recordings.api.serializers import ERRORS
from recordings.domain.conversion import CHANNELS, FORMATS, Busy, converted
from recordings.domain.rendering import RenderFailure
from recordings.link.asking import from_active_node
from recordings.models import Call, Version
from recordings.queries.calls import current_version

TYPES = {"flac": "audio/flac", "wav": "audio/wav", "ulaw": "audio/wav", "opus": "audio/ogg", "mp3": "audio/mpeg"}


class AnyType(BaseContentNegotiation):
    """Players ask for audio/*, browsers for anything: the address says what is sent."""

    def select_parser(self, request: Request, parsers: Any) -> Any:  # noqa: ARG002 -- REST framework's signature
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:  # noqa: ARG002 -- REST framework's signature
        return renderers[0], renderers[0].media_type


class CallAudio(APIView):
    permission_classes = (*SIGNED_IN, MayListen)
    content_negotiation_class = AnyType

    @extend_schema(
        summary="The recording",
        description="The caller is left, the callee right. HTTP ranges are answered.",
        parameters=[
            OpenApiParameter("format", OpenApiTypes.STR, enum=FORMATS, description="The stored format when left out"),
            OpenApiParameter("channel", OpenApiTypes.STR, enum=CHANNELS),
            OpenApiParameter("download", OpenApiTypes.BOOL, description="1: as a file to keep (a right of its own)"),
        ],
        responses={(200, "audio/*"): OpenApiTypes.BINARY, **ERRORS},
    )
    @from_active_node("audio")
    def get(self, request: Request, call_id: uuid.UUID) -> HttpResponseBase:
        download = request.query_params.get("download", "") in {"1", "true"}
        if download:
            check(request, self, MayDownload)
        call = call_or_404(request, call_id)
        version = current_version(call)
        if version is None or not version.file:
            raise no_audio(call.why_no_audio or call.problem)
        form = _choice(request, "format", FORMATS, version.format)
        channel = _choice(request, "channel", CHANNELS, "both")
        path = _file(version, form, channel)
        note(request, "call-downloaded" if download else "call-listened", call.pk, format=form, channel=channel)
        name = _name(call, form, channel) if download else ""
        etag = f"{version.sha256[:32]}-{form}-{channel}"
        try:
            return file_response(request._request, path, content_type=TYPES[form], etag=etag, name=name)  # noqa: SLF001 -- Django's own request knows ASGI
        except OSError:
            raise not_readable() from None

    def head(self, request: Request, call_id: uuid.UUID) -> HttpResponseBase:
        return self.get(request, call_id)


def _choice(request: Request, name: str, choices: tuple[str, ...], default: str) -> str:
    value = request.query_params.get(name, default)
    if value not in choices:
        raise ValidationError({name: [_("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)}]})
    return value


def _file(version: Version, form: str, channel: str) -> Path:
    stored = Path(settings.APRESA.library) / version.file
    if (form, channel) == (version.format, "both"):
        return stored
    try:
        return converted(stored, version.sha256, form, channel)
    except Busy:
        raise Problem(503, "busy", _("Too many recordings are being converted now. Try again in a moment.")) from None
    except RenderFailure as failure:
        message = _("The recording cannot be converted: %(reason)s.") % {"reason": failure.reason}
        raise Problem(422, "not-convertible", message) from None
    except OSError:
        raise not_readable() from None


def _name(call: Call, form: str, channel: str) -> str:
    """A file name that says when and between whom; only plain characters."""
    parties = "-".join("".join(c for c in text if c.isascii() and c.isalnum()) for text in (call.caller, call.callee))
    side = "" if channel == "both" else f"-{channel}"
    extension = "wav" if form == "ulaw" else form
    return f"{call.started:%Y%m%d-%H%M%S}-{parties[:60]}{side}.{extension}"
