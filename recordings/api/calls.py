"""The list of calls and one call."""

import uuid

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recordings.api.access import SIGNED_IN, MayDelete, call_or_404, check, note, reader
from recordings.api.acts import on_hold
from recordings.api.paging import KeysetPagination
from recordings.api.serializers import ERRORS, CallDetailSerializer, CallSerializer, ErrorSerializer
from recordings.domain.deletion import delete_call
from recordings.domain.holds import OnHold, may_see
from recordings.models import Call, Why
from recordings.queries.acts import holds_on
from recordings.queries.calls import visible_calls
from recordings.queries.filters import CallFilter


@extend_schema_view(
    get=extend_schema(
        summary="Find calls, newest first",
        parameters=[
            OpenApiParameter(
                "sort", OpenApiTypes.STR, description="started, duration_ms, caller or callee; - turns it"
            ),
            OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` or `previous` of a former answer"),
            OpenApiParameter("limit", OpenApiTypes.INT, description="Calls per page, 1 to 250"),
        ],
    )
)
class CallList(generics.ListAPIView[Call]):
    permission_classes = SIGNED_IN
    serializer_class = CallSerializer
    pagination_class = KeysetPagination
    filterset_class = CallFilter
    queryset = Call.objects.none()  # what the schema looks at

    def get_queryset(self) -> QuerySet[Call]:
        return visible_calls(reader(self.request))


class CallDetail(APIView):
    permission_classes = SIGNED_IN

    @extend_schema(summary="One call", responses={200: CallDetailSerializer, **ERRORS})
    def get(self, request: Request, call_id: uuid.UUID) -> Response:
        call = call_or_404(request, call_id)
        if may_see(reader(request)):
            call.on_hold = bool(holds_on(call))
        return Response(CallDetailSerializer(call).data)

    @extend_schema(
        summary="Delete a call and its recording for good",
        description="202 while only this node has the deletion: the other one follows by itself. "
        "409 (on-hold) while a hold lies on the call.",
        responses={204: None, 202: OpenApiTypes.OBJECT, 409: ErrorSerializer, **ERRORS},
    )
    def delete(self, request: Request, call_id: uuid.UUID) -> Response:
        check(request, self, MayDelete)
        call = call_or_404(request, call_id)
        try:
            delete_call(call, who=reader(request).username, why=Why.PERSON)
        except OnHold as error:
            note(request, "deletion-refused", call_id, holds=", ".join(error.names))
            raise on_hold(error, reader(request)) from error
        note(request, "call-deleted", call_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
