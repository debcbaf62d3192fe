"""The mirror report."""

from django.utils.translation import override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apresa.accounts.api import TokenScope
from recordings.api.serializers import ERRORS
from recordings.catalogue.mirror import as_data
from recordings.mirror.judge import judge
from recordings.queries.mirror import HOURS, MOST_HOURS, gather


class MirrorFindingSerializer(serializers.Serializer[object]):
    topic = serializers.CharField()
    code = serializers.CharField()
    level = serializers.CharField(help_text="good, notice, unknown or bad.")
    parameters = serializers.DictField(help_text="The figures of the sentence.")
    sentence = serializers.CharField()
    cause = serializers.CharField(help_text="The likely cause at the switch.", allow_blank=True)
    cure = serializers.CharField(help_text="What to change.", allow_blank=True)


class MirrorSerializer(serializers.Serializer[object]):
    hours = serializers.IntegerField()
    level = serializers.CharField(help_text="The worst of all.")
    findings = MirrorFindingSerializer(many=True)


class Mirror(APIView):
    permission_classes = (IsAuthenticated, TokenScope, IsAdminUser)

    @extend_schema(
        summary="Whether the mirror port delivers what it should, with causes and cures",
        parameters=[OpenApiParameter("hours", OpenApiTypes.INT, description=f"1 to {MOST_HOURS}; else {HOURS}")],
        responses={200: MirrorSerializer, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        hours = _hours(request)
        findings = judge(gather(hours))
        with override("en"):
            return Response(MirrorSerializer(as_data(hours, findings)).data)


def _hours(request: Request) -> int:
    text = request.query_params.get("hours", str(HOURS))
    if not text.isdecimal() or not 1 <= int(text[:6]) <= MOST_HOURS:
        raise ValidationError({"hours": [f"Give a whole number from 1 to {MOST_HOURS}."]})
    return int(text)
