"""Recovering: both sides compared, preview, confirm, follow."""

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cluster.api.access import ADMINISTRATOR
from cluster.api.acts import ActRefused, address_of, user_of
from cluster.api.jobs import OneJob, StartedSerializer, started
from cluster.domain import recovering
from cluster.domain.comparing import Compared, NoPair, compare_now
from cluster.helper import runner_here
from cluster.queries.history import RECOVERY
from cluster.queries.recovery import Choice, choice
from cluster.queries.recovery_preview import preview


class RecoveryRequestSerializer(serializers.Serializer[object]):
    """Without confirm nothing is done: the answer says what would be."""

    confirm = serializers.BooleanField(default=False)
    accept = serializers.BooleanField(
        default=False, help_text="Do it although the other node could not be asked; stands in the audit trail."
    )


class RowSerializer(serializers.Serializer[object]):
    code = serializers.CharField()
    title = serializers.CharField()
    own = serializers.CharField()
    other = serializers.CharField()


class OtherSerializer(serializers.Serializer[object]):
    survivor = serializers.CharField()
    loser = serializers.CharField()
    refused = serializers.ListField(child=serializers.CharField())
    costs = serializers.ListField(child=serializers.CharField())


class RecoverySerializer(serializers.Serializer[object]):
    case = serializers.CharField()
    sentence = serializers.CharField()
    node = serializers.CharField()
    other = serializers.CharField()
    rows = RowSerializer(many=True)
    way = serializers.CharField(allow_blank=True)
    title = serializers.CharField(allow_blank=True)
    survivor = serializers.CharField()
    loser = serializers.CharField()
    why = serializers.ListField(child=serializers.CharField())
    costs = serializers.ListField(child=serializers.CharField(), help_text="What is carried over, and what is lost.")
    unseen = serializers.ListField(child=serializers.CharField(), help_text="What could not be compared.")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Why it is refused; empty when it is not.")
    must_accept = serializers.BooleanField()
    will = serializers.ListField(child=serializers.CharField())
    commands = serializers.ListField(child=serializers.CharField())
    others = OtherSerializer(many=True)


class Recovery(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(summary="Both nodes compared for a recovery", responses=RecoverySerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002 -- REST framework's signature
        return Response(_said(*_compared()))

    @extend_schema(
        summary="Recover what is to be recovered on this node",
        request=RecoveryRequestSerializer,
        responses={200: RecoverySerializer, 202: StartedSerializer},
    )
    def post(self, request: Request) -> Response:
        form = RecoveryRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given: dict[str, Any] = form.validated_data
        found, compared = _compared()
        if not given["confirm"]:
            return Response(_said(found.accepted() if given["accept"] else found, compared))
        try:
            job = recovering.ask(
                found, by=user_of(request).username, address=address_of(request), accept=given["accept"]
            )
        except recovering.Refused as error:
            raise ActRefused(str(error)) from None
        return Response(started(job), status=status.HTTP_202_ACCEPTED)


@extend_schema_view(get=extend_schema(summary="How far a recovery has come", responses=StartedSerializer))
class OneRecovery(OneJob):
    kind, unknown = RECOVERY, _("This machine knows no such recovery.")


def _compared() -> tuple[Choice, Compared]:
    try:
        compared = compare_now(runner_here())
    except NoPair as error:
        raise ActRefused(str(error)) from None
    return choice(compared), compared


def _said(found: Choice, compared: Compared) -> dict[str, Any]:
    return asdict(preview(found, compared))
