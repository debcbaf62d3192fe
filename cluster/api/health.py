"""How the cluster did of late, hour by hour."""

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cluster.api.access import ADMINISTRATOR
from cluster.queries.health import hours


class HourSerializer(serializers.Serializer[object]):
    at = serializers.DateTimeField()
    samples = serializers.IntegerField(help_text="Minutes in which this node looked; the others are not known.")
    behind = serializers.IntegerField(allow_null=True, help_text="Most bytes that the standby's database lacked.")
    percent = serializers.FloatField(allow_null=True, help_text="The least of the recordings that was on both disks.")
    unserved = serializers.IntegerField(help_text="Minutes in which no node was active.")
    unready = serializers.IntegerField(help_text="Minutes in which no takeover was promised.")
    load = serializers.FloatField(help_text="The highest load of this node.")


class ClusterHealth(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(summary="The last 24 hours of the cluster", responses=HourSerializer(many=True))
    def get(self, request: Request) -> Response:  # noqa: ARG002 -- REST framework's signature
        return Response([asdict(hour) for hour in hours()])
