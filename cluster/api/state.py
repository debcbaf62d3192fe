"""The state of the cluster, as this node sees it."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cluster.api.access import ADMINISTRATOR
from cluster.queries.history import lines
from cluster.queries.state import state, state_as_data


class FindingSerializer(serializers.Serializer[object]):
    code = serializers.CharField()
    level = serializers.ChoiceField(choices=("ok", "warning", "critical", "unknown"))
    takeover = serializers.ChoiceField(choices=("untouched", "uncertain", "impossible"))
    parameters = serializers.DictField()
    sentence = serializers.CharField()
    fact = serializers.CharField()
    step = serializers.CharField()


class HappenedSerializer(serializers.Serializer[object]):
    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    code = serializers.CharField()
    severity = serializers.CharField()
    sentence = serializers.CharField()
    cause = serializers.CharField()


class ClusterSerializer(serializers.Serializer[object]):
    """What `manage.py cluster_status --json` says, how old it is, and the parts it was made from."""

    node = serializers.CharField()
    observed_at = serializers.DateTimeField(allow_null=True)
    fresh = serializers.BooleanField(help_text="False when nobody has looked for half a minute: believe nothing.")
    standalone = serializers.BooleanField()
    level = serializers.ChoiceField(choices=("ok", "warning", "critical", "unknown"))
    exit_code = serializers.IntegerField()
    sentence = serializers.CharField()
    active = serializers.CharField(allow_null=True)
    standby = serializers.CharField(allow_null=True)
    ready = serializers.BooleanField(help_text="Whether the standby takes over if the active node fails now.")
    phrases = serializers.ListField()
    findings = FindingSerializer(many=True)
    other_repair = serializers.DictField(allow_null=True, help_text="A recovery that is open on the other node.")
    parts = serializers.DictField(allow_null=True)
    history = HappenedSerializer(many=True)


class ClusterState(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(summary="The state of the cluster", responses=ClusterSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002 -- REST framework's signature
        history = [
            {
                "at": line.event.at,
                "until": line.event.closed_at,
                "code": line.event.code,
                "severity": line.event.severity,
                "sentence": line.sentence,
                "cause": line.cause,
            }
            for line in lines()
        ]
        return Response({**state_as_data(state()), "history": history})
