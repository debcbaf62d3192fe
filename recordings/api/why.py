"""Why a call is, or is not, a recording."""

import uuid
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recordings.api.access import SIGNED_IN, reader
from recordings.api.paging import KeysetPagination
from recordings.api.serializers import ERRORS
from recordings.catalogue.why import english
from recordings.models import Decision
from recordings.queries.decisions import (
    MOST_DAYS,
    DecisionFilter,
    Numbers,
    daily_totals,
    find_decision,
    numbers,
    visible_decisions,
)


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    """A dialog that was seen; id is that of its call."""

    sentence = serializers.SerializerMethodField(help_text="The reason in English.")
    remarks = serializers.SerializerMethodField(help_text="More reasons, where several hold.")
    heard_by = serializers.SerializerMethodField(help_text="Ids of the nodes that heard it.")

    class Meta:
        model = Decision
        fields = [
            "id", "node", "number", "protocol", "caller", "callee", "started", "ended", "answered", "kept", "reason",
            "sentence", "detail", "remarks", "policy", "messages", "streams", "packets", "heard_by", "joined", "at",
            "erased_at", "erased_why",
        ]  # fmt: skip

    def get_sentence(self, row: Decision) -> str:
        return english(row.reason)

    def get_remarks(self, row: Decision) -> list[str]:
        return row.remarks.split()

    def get_heard_by(self, row: Decision) -> list[str]:
        return row.heard_by.split()


class TotalSerializer(serializers.Serializer[object]):
    day = serializers.DateField()
    kept = serializers.CharField()
    reason = serializers.CharField()
    count = serializers.IntegerField()


class NumbersSerializer(serializers.Serializer[Numbers]):
    node = serializers.CharField()
    name = serializers.CharField()
    last = serializers.IntegerField(help_text="The last number that the node gave.")
    rows = serializers.IntegerField(
        help_text="How many rows have a number of it: as many as the last, or some are gone."
    )
    missing = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()), help_text="The first spans that are gone."
    )


class TotalsSerializer(serializers.Serializer[object]):
    """numbers is null for those who may not see all calls."""

    totals = TotalSerializer(many=True)
    numbers = NumbersSerializer(many=True, allow_null=True)


@extend_schema_view(
    get=extend_schema(
        summary="Every dialog seen, and why it is or is not recorded, newest first",
        parameters=[
            OpenApiParameter("sort", OpenApiTypes.STR, description="started, caller or callee; - turns it"),
            OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` or `previous` of a former answer"),
            OpenApiParameter("limit", OpenApiTypes.INT, description="Rows per page, 1 to 250"),
        ],
    )
)
class WhyList(generics.ListAPIView[Decision]):
    permission_classes = SIGNED_IN
    serializer_class = DecisionSerializer
    pagination_class = KeysetPagination
    filterset_class = DecisionFilter
    queryset = Decision.objects.none()  # what the schema looks at

    def get_queryset(self) -> QuerySet[Decision]:
        found: QuerySet[Decision] = visible_decisions(reader(self.request))
        if self.request.query_params.get("sort", "").endswith("duration_ms"):
            raise ValidationError({"sort": ["This list cannot be sorted that way."]})
        return found


class WhyCall(APIView):
    permission_classes = SIGNED_IN

    @extend_schema(summary="Why one call is or is not recorded", responses={200: DecisionSerializer, **ERRORS})
    def get(self, request: Request, call_id: uuid.UUID) -> Response:
        try:
            found = find_decision(reader(request), call_id)
        except Decision.DoesNotExist:
            raise Http404 from None
        return Response(DecisionSerializer(found).data)


class WhyTotals(APIView):
    permission_classes = SIGNED_IN

    @extend_schema(
        summary="How many dialogs were seen a day, by decision and reason; whether a number is missing",
        parameters=[
            OpenApiParameter("days", OpenApiTypes.INT, description=f"1 to {MOST_DAYS}, today included; else 7")
        ],
        responses={200: TotalsSerializer, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        user = reader(request)
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        begin = midnight - timedelta(days=_days(request) - 1)
        totals = daily_totals(visible_decisions(user).filter(started__gte=begin))
        told: dict[str, Any] = {"totals": totals, "numbers": None}
        if user.has_perm("recordings.view_all_calls"):
            told["numbers"] = numbers()
        return Response(TotalsSerializer(told).data)


def _days(request: Request) -> int:
    text = request.query_params.get("days", "7")
    if not text.isdecimal() or not 1 <= int(text[:4]) <= MOST_DAYS:
        raise ValidationError({"days": [f"Give a whole number from 1 to {MOST_DAYS}."]})
    return int(text)
