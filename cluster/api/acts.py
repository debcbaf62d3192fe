"""Doing something to the cluster: preview, confirm, follow."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apresa.accounts.models import User
from cluster.api.access import ADMINISTRATOR
from cluster.api.jobs import OneJob, StartedSerializer, started
from cluster.domain import acting
from cluster.fencing import AGENTS
from cluster.preflight import ACTS, Act
from cluster.queries.acts import preview
from cluster.queries.history import ACT
from cluster.queries.state import state

PARTS = ("resource", "node", "host", "agent", "user", "plug")


class WantedSerializer(serializers.Serializer[object]):
    """Without confirm nothing is done: the answer says what would be."""

    act = serializers.ChoiceField(choices=ACTS)
    resource = serializers.CharField(max_length=100, default="", allow_blank=True)
    node = serializers.CharField(max_length=100, default="", allow_blank=True)
    host = serializers.CharField(
        max_length=253, default="", allow_blank=True, help_text="Of a witness or a power switch: its name or address."
    )
    agent = serializers.ChoiceField(
        choices=tuple(AGENTS), default="", allow_blank=True, help_text="Of a power switch, as all that follows."
    )
    user = serializers.CharField(max_length=64, default="", allow_blank=True)
    plug = serializers.CharField(
        max_length=80, default="", allow_blank=True, help_text="The other machine's name there, where it has one."
    )
    password = serializers.CharField(
        max_length=128,
        default="",
        allow_blank=True,
        write_only=True,
        trim_whitespace=False,
        help_text="Of a power switch, with confirm. It is kept in a file for root alone, and never told.",
    )
    confirm = serializers.BooleanField(default=False)


class PreviewSerializer(serializers.Serializer[object]):
    act = serializers.CharField()
    allowed = serializers.BooleanField()
    will = serializers.ListField(child=serializers.CharField())
    commands = serializers.ListField(child=serializers.CharField())
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Why it is refused; empty when it is not.")
    elsewhere = serializers.CharField(help_text="The address of the other node, where it is to be done there.")


class ActRefused(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "refused"


class Acts(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(
        summary="Change the cluster",
        request=WantedSerializer,
        responses={200: PreviewSerializer, 202: StartedSerializer},
    )
    def post(self, request: Request) -> Response:
        form = WantedSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given: dict[str, Any] = form.validated_data
        act = Act(given["act"], **{name: given[name] for name in PARTS})
        if not given["confirm"]:
            found = preview(act, state())
            body = {"act": act.name, "allowed": not found.reasons, "will": found.will}
            commands = {"commands": found.commands, "elsewhere": found.elsewhere}
            return Response({**body, **commands, "reasons": found.reasons})
        try:
            who, address = user_of(request).username, address_of(request)
            job = acting.ask(act, by=who, address=address, password=given["password"])
        except acting.Refused as error:
            raise ActRefused(str(error)) from None
        return Response(started(job), status=status.HTTP_202_ACCEPTED)


@extend_schema_view(get=extend_schema(summary="How far an act has come", responses=StartedSerializer))
class OneAct(OneJob):
    kind, unknown = ACT, _("This machine knows no such act.")


def address_of(request: Request) -> str:
    return str(request.META.get("REMOTE_ADDR") or "")


def user_of(request: Request) -> User:
    """Who asks; the permissions let nobody else through."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("an anonymous user passed the permissions")
    return user
