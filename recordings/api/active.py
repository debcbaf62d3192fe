"""The calls that are going on now."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recordings.api.access import SIGNED_IN, MaySilence, reader
from recordings.api.errors import Problem
from recordings.api.serializers import ERRORS
from recordings.domain.acting import ActRefused
from recordings.domain.silencing import Silenced, resume, silence
from recordings.queries.live import RunningCall, running_call, running_calls


class RunningCallSerializer(serializers.Serializer[object]):
    id = serializers.CharField(source="key")
    caller = serializers.CharField()
    callee = serializers.CharField()
    answered = serializers.BooleanField()
    started = serializers.DateTimeField()
    duration = serializers.SerializerMethodField(
        help_text="Seconds since the answer, or since the start while it rings."
    )
    streams = serializers.IntegerField()
    silenced_until = serializers.DateTimeField(
        allow_null=True, help_text="When it is heard again, where it is silenced now."
    )

    def get_duration(self, call: object) -> float:
        return float(getattr(call, "lasting_ms", 0)) / 1000


class ActiveCallsSerializer(serializers.Serializer[object]):
    """capturing is false when the recording component does not answer."""

    capturing = serializers.BooleanField()
    calls = RunningCallSerializer(many=True)


class SilenceSerializer(serializers.Serializer[object]):
    seconds = serializers.IntegerField(required=False, help_text="At most; without it the longest time that is set.")


class SilencedSerializer(serializers.Serializer[object]):
    until = serializers.DateTimeField(help_text="When it is heard again; of an end, now.")
    not_told = serializers.CharField(help_text="Why the other node does not know of it yet; empty where it does.")


class ActiveCalls(APIView):
    permission_classes = SIGNED_IN

    @extend_schema(summary="The calls going on now", responses=ActiveCallsSerializer)
    def get(self, request: Request) -> Response:
        live = running_calls(reader(request))
        return Response(ActiveCallsSerializer({"capturing": live.answering, "calls": live.calls}).data)


class SilenceCall(APIView):
    permission_classes = (*SIGNED_IN, MaySilence)

    @extend_schema(
        summary="Silence a call that goes on",
        request=SilenceSerializer,
        responses={200: SilencedSerializer, **ERRORS},
    )
    def post(self, request: Request, call_id: uuid.UUID) -> Response:
        form = SilenceSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        found = _running(request, call_id)
        return _answer(lambda: silence(found, seconds=form.validated_data.get("seconds"), **_who(request)))

    @extend_schema(summary="Hear it again", responses={200: SilencedSerializer, **ERRORS})
    def delete(self, request: Request, call_id: uuid.UUID) -> Response:
        found = _running(request, call_id)
        return _answer(lambda: resume(found, **_who(request)))


def _running(request: Request, call_id: uuid.UUID) -> RunningCall:
    found = running_call(reader(request), str(call_id))
    if found is None:
        raise Http404
    return found


def _who(request: Request) -> dict[str, Any]:
    return {"by": reader(request), "address": str(request.META.get("REMOTE_ADDR") or "")}


def _answer(do: Callable[[], Silenced]) -> Response:
    try:
        return Response(SilencedSerializer(do()).data)
    except ActRefused as error:
        if error.field:
            raise ValidationError({error.field: str(error)}) from None
        raise Problem(status.HTTP_409_CONFLICT, "refused", str(error)) from None
