"""Holds: what keeps calls from being deleted."""

import uuid

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recordings.api.access import SIGNED_IN, call_or_404, check, reader
from recordings.api.acts import MayHold, MayRelease, MaySeeHolds, given, told, uuids, who
from recordings.api.notes import CHANGES, REMOVED
from recordings.api.serializers import ERRORS
from recordings.domain import holds
from recordings.models import Call, Contest, Hold
from recordings.queries.acts import active_holds, holds_with_counts, open_contests, released_holds
from recordings.queries.calls import find_calls

SEES = (*SIGNED_IN, MaySeeHolds)


class HoldSerializer(serializers.ModelSerializer[Hold]):
    calls = serializers.IntegerField(help_text="How many it keeps; of a released one: kept when it was released.")
    released = serializers.DateTimeField(allow_null=True)
    released_by = serializers.CharField()

    class Meta:
        model = Hold
        fields = ["id", "name", "reason", "by", "at", "calls", "released", "released_by"]

    def to_representation(self, hold: Hold) -> dict[str, object]:
        hold.released = hold.stamp if hold.ended else None  # type: ignore[attr-defined]  # for this answer
        hold.released_by = hold.changed_by if hold.ended else ""  # type: ignore[attr-defined]
        return dict(super().to_representation(hold))


class NewHoldSerializer(serializers.Serializer[object]):
    name = serializers.CharField(help_text="1 to 120 characters, of no other hold that is not released.")
    reason = serializers.CharField(help_text="1 to 1000 characters.")
    calls = serializers.ListField(child=serializers.UUIDField(), required=False, help_text="At most 500.")


class ChangedHoldSerializer(serializers.Serializer[object]):
    name = serializers.CharField(required=False)
    reason = serializers.CharField(required=False)


class HeldCallsSerializer(serializers.Serializer[object]):
    calls = serializers.ListField(child=serializers.UUIDField(), help_text="At most 500.")


class ContestSerializer(serializers.ModelSerializer[Contest]):
    """`origin` is the node that deleted the call; empty for the one that was kept."""

    class Meta:
        model = Contest
        fields = ["call", "why", "who", "at", "origin"]


class Holds(APIView):
    permission_classes = SEES
    parser_classes = (JSONParser,)

    @extend_schema(
        summary="Holds, the newest first",
        parameters=[
            OpenApiParameter("released", OpenApiTypes.BOOL, description="true: the last 50 that were released")
        ],
        responses={200: HoldSerializer(many=True), **ERRORS},
    )
    def get(self, request: Request) -> Response:
        over = request.query_params.get("released") == "true"
        return Response(HoldSerializer(released_holds() if over else active_holds(), many=True).data)

    @extend_schema(summary="Put calls on hold", request=NewHoldSerializer, responses={201: HoldSerializer, **CHANGES})
    def post(self, request: Request) -> Response:
        check(request, self, MayHold)
        wanted = given(request, "name", "reason", calls=[])
        calls = _calls(request, wanted["calls"])
        with told():
            hold = holds.place(wanted["name"], wanted["reason"], calls, **who(request))
        return Response(_said(hold.pk), status=status.HTTP_201_CREATED)


class OneHold(APIView):
    permission_classes = SEES
    parser_classes = (JSONParser,)

    @extend_schema(summary="One hold", responses={200: HoldSerializer, **ERRORS})
    def get(self, request: Request, hold_id: uuid.UUID) -> Response:  # noqa: ARG002 -- REST framework's signature
        with told():
            return Response(_said(hold_id))

    @extend_schema(
        summary="Another name or reason", request=ChangedHoldSerializer, responses={200: HoldSerializer, **CHANGES}
    )
    def patch(self, request: Request, hold_id: uuid.UUID) -> Response:
        check(request, self, MayHold)
        with told():
            wanted = given(request, name=None, reason=None)
            holds.change(hold_id, wanted["name"], wanted["reason"], **who(request))
            return Response(_said(hold_id))

    @extend_schema(summary="Release a hold: its calls may be deleted again", responses=REMOVED)
    def delete(self, request: Request, hold_id: uuid.UUID) -> Response:
        check(request, self, MayRelease)
        with told():
            holds.release(hold_id, **who(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class HoldCalls(APIView):
    permission_classes = (*SEES, MayHold)
    parser_classes = (JSONParser,)

    @extend_schema(
        summary="Put more calls under a hold", request=HeldCallsSerializer, responses={200: HoldSerializer, **CHANGES}
    )
    def post(self, request: Request, hold_id: uuid.UUID) -> Response:
        calls = _calls(request, given(request, "calls")["calls"])
        with told():
            holds.extend(hold_id, calls, **who(request))
            return Response(_said(hold_id))


class HoldCall(APIView):
    permission_classes = (*SEES, MayRelease)

    @extend_schema(summary="Take one call out of a hold", responses=REMOVED)
    def delete(self, request: Request, hold_id: uuid.UUID, call_id: uuid.UUID) -> Response:
        call = call_or_404(request, call_id)
        with told():
            holds.let_go(hold_id, call, **who(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Contests(APIView):
    permission_classes = (*SIGNED_IN, MayRelease)

    @extend_schema(
        summary="Calls that one node deleted while the other had them on hold: kept and hidden until you decide",
        responses={200: ContestSerializer(many=True), **ERRORS},
    )
    def get(self, request: Request) -> Response:
        return Response(ContestSerializer(open_contests(reader(request)), many=True).data)


class KeepCall(APIView):
    permission_classes = (*SIGNED_IN, MayRelease)

    @extend_schema(summary="Decide that such a call stays", request=None, responses=REMOVED)
    def post(self, request: Request, call_id: uuid.UUID) -> Response:
        holds.keep(call_or_404(request, call_id), **who(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _said(hold_id: uuid.UUID) -> dict[str, object]:
    """Raises Hold.DoesNotExist."""
    return dict(HoldSerializer(holds_with_counts().get(pk=hold_id)).data)


def _calls(request: Request, value: object) -> list[Call]:
    names = uuids(value)
    if len(names) > holds.MOST_CALLS:
        raise ValidationError({"calls": [f"At most {holds.MOST_CALLS} calls at once."]})
    try:
        return find_calls(reader(request), names)
    except Call.DoesNotExist:
        raise Http404 from None
