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
from recordings.api.paging import KeysetPagination
from recordings.api.serializers import ERRORS, CallDetailSerializer, CallSerializer
from recordings.domain.deletion import delete_call
from recordings.models import Call, Why
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
        return Response(CallDetailSerializer(call_or_404(request, call_id)).data)

    @extend_schema(
        summary="Delete a call and its recording for good",
        description="202 while only this node has the deletion: the other one follows by itself.",
        responses={204: None, 202: OpenApiTypes.OBJECT, **ERRORS},
    )
    def delete(self, request: Request, call_id: uuid.UUID) -> Response:
        check(request, self, MayDelete)
        call = call_or_404(request, call_id)
        delete_call(call, who=reader(request).username, why=Why.PERSON)
        note(request, "call-deleted", call_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
