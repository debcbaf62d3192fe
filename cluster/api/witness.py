"""The witness by API: what is seen of it. It is added and removed as an act of the cluster."""

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cluster.api.access import ADMINISTRATOR
from cluster.queries.state import state
from cluster.queries.witness import witness_state


class WitnessLineSerializer(serializers.Serializer[object]):
    node = serializers.CharField()
    host = serializers.CharField(allow_blank=True)
    connection = serializers.CharField(allow_blank=True)
    votes = serializers.BooleanField(allow_null=True)


class WitnessSerializer(serializers.Serializer[object]):
    host = serializers.CharField(allow_blank=True, help_text="Empty where there is none.")
    obeyed = serializers.BooleanField(help_text="Whether a node without a majority of votes stops.")
    nodes = WitnessLineSerializer(many=True)


class ClusterWitness(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(summary="The witness of the cluster", responses=WitnessSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002 -- REST framework's signature
        return Response(asdict(witness_state(state())))
