"""Fencing by API: what is seen of it. It is changed by the acts."""

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cluster.api.access import ADMINISTRATOR
from cluster.queries.fencing import fencing_state
from cluster.queries.state import state


class SwitchLineSerializer(serializers.Serializer[object]):
    node = serializers.CharField(help_text="Whose power it is.")
    by = serializers.CharField(help_text="The node that can cut it.")
    state = serializers.ChoiceField(choices=("none", "ready", "failed", "off"))
    here = serializers.BooleanField(help_text="Whether it is set up and taken away on this node.")


class FencingSerializer(serializers.Serializer[object]):
    on = serializers.BooleanField(allow_null=True)
    nodes = SwitchLineSerializer(many=True)
    installed = serializers.ListField(child=serializers.CharField(), help_text="Agents of this machine.")


class ClusterFencing(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(summary="Fencing: whose power can be cut", responses=FencingSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002 -- REST framework's signature
        return Response(asdict(fencing_state(state())))
