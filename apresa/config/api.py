"""The settings by API, with the rules of the page."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apresa import database
from apresa.accounts.api import TokenScope
from apresa.accounts.backends import client_address
from apresa.config import domain as config
from apresa.config.queries import Line, lines
from apresa.config.registry import BadSetting
from apresa.database import DatabaseState
from apresa.node.domain import identity, is_active


class IsAdministrator(BasePermission):
    message = gettext_lazy("The settings are for administrators.")

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002 -- REST framework's signature
        return bool(request.user.is_superuser)


ADMINISTRATOR = (IsAuthenticated, TokenScope, IsAdministrator)


@extend_schema_field(OpenApiTypes.ANY)
class AnyValue(serializers.JSONField):
    """Text, a number, true or false, or a list: as the setting is."""


class SettingSerializer(serializers.Serializer[object]):
    name = serializers.CharField(source="entry.name")
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name hides the base's option
    help = serializers.CharField(source="entry.help")
    scope = serializers.ChoiceField(source="entry.scope", choices=("cluster", "node"))
    value = AnyValue()
    default = AnyValue(source="entry.default")
    choices = serializers.ListField(source="entry.choices", child=serializers.CharField())
    restart = serializers.BooleanField(source="entry.restart", help_text="Whether a change holds only after a restart.")
    changed_at = serializers.DateTimeField(allow_null=True, help_text="Null while the default holds.")
    changed_by = serializers.CharField()
    why_fixed = serializers.CharField(help_text="Why this machine may not change it; empty when it may.")


class NewValueSerializer(serializers.Serializer[object]):
    value = AnyValue()


class RefusedSerializer(serializers.Serializer[object]):
    code = serializers.CharField()
    message = serializers.CharField()
    primary = serializers.CharField(required=False, help_text="Where the change can be made.")


ANSWERS = {200: SettingSerializer, 400: RefusedSerializer, 404: RefusedSerializer, 409: RefusedSerializer}


class Settings(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(summary="All settings", responses=SettingSerializer(many=True))
    def get(self, request: Request) -> Response:  # noqa: ARG002 -- REST framework's signature
        return Response(SettingSerializer(lines(), many=True).data)


class OneSetting(APIView):
    permission_classes = ADMINISTRATOR
    parser_classes = (JSONParser,)

    @extend_schema(summary="One setting", responses=SettingSerializer)
    def get(self, request: Request, name: str) -> Response:  # noqa: ARG002 -- REST framework's signature
        return _answer(name)

    @extend_schema(summary="Change a setting", request=NewValueSerializer, responses=ANSWERS)
    def patch(self, request: Request, name: str) -> Response:
        _find(name)
        if not isinstance(request.data, dict) or "value" not in request.data:
            raise ValidationError({"value": [_("Give the new value.")]})
        try:
            config.set(name, request.data["value"], by=_who(request), address=client_address(request._request))  # noqa: SLF001 -- Django's own request
        except BadSetting as error:
            raise ValidationError({"value": [str(error)]}) from None
        except config.NotHere as error:
            return _refusal(str(error))
        return _answer(name)

    @extend_schema(summary="Give a setting its default again", responses=ANSWERS)
    def delete(self, request: Request, name: str) -> Response:
        _find(name)
        try:
            config.reset(name, by=_who(request), address=client_address(request._request))  # noqa: SLF001 -- Django's own request
        except config.NotHere as error:
            return _refusal(str(error))
        return _answer(name)


def _answer(name: str) -> Response:
    return Response(SettingSerializer(_find(name)).data)


def _find(name: str) -> Line:
    try:
        [line] = lines(name)
    except BadSetting as error:
        raise NotFound(str(error)) from None
    return line


def _refusal(sentence: str) -> Response:
    """As the platform answers when a database refuses: a secondary sends to its primary."""
    if is_active() and database.state() is DatabaseState.ABSENT:
        return Response({"code": "database-absent", "message": sentence}, 503, headers={"Retry-After": "10"})
    primary = identity().primary_address
    body: dict[str, Any] = {"code": "read-only", "message": sentence}
    return Response({**body, "primary": primary} if primary else body, 409)


def _who(request: Request) -> str:
    return str(request.user.get_username())
