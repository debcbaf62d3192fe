"""The calls that are going on now."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recordings.api.access import SIGNED_IN, reader
from recordings.queries.live import running_calls


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

    def get_duration(self, call: object) -> float:
        return float(getattr(call, "lasting_ms", 0)) / 1000


class ActiveCallsSerializer(serializers.Serializer[object]):
    """capturing is false when the recording component does not answer."""

    capturing = serializers.BooleanField()
    calls = RunningCallSerializer(many=True)


class ActiveCalls(APIView):
    permission_classes = SIGNED_IN

    @extend_schema(summary="The calls going on now", responses=ActiveCallsSerializer)
    def get(self, request: Request) -> Response:
        live = running_calls(reader(request))
        return Response(ActiveCallsSerializer({"capturing": live.answering, "calls": live.calls}).data)
