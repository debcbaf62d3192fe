"""The pairing by API: a code on the primary, and its use on the secondary."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cluster.api.access import ADMINISTRATOR
from cluster.api.acts import ActRefused, address_of, user_of
from cluster.pairing import domain, listening
from cluster.pairing.primary import PORT
from cluster.pairing.secondary import PairingError
from cluster.queries.pairing import PairingState, pairing_state
from cluster.queries.setup import setup_state
from cluster.queries.setup_review import begun, may_offer


class PairedSerializer(serializers.Serializer[object]):
    node = serializers.UUIDField()
    name = serializers.CharField()
    address = serializers.CharField()


class RefusalSerializer(serializers.Serializer[object]):
    at = serializers.DateTimeField()
    address = serializers.CharField()
    name = serializers.CharField()
    reason = serializers.CharField()


class PairingSerializer(serializers.Serializer[object]):
    """The code itself is told once, to whoever makes it: who may only read must not be able to let a machine in."""

    state = serializers.ChoiceField(choices=("none", "open", "over", "paired", "unreadable"))
    peer = PairedSerializer(allow_null=True)
    address = serializers.CharField(help_text="Where the code is to be used: the primary's address.")
    seconds_left = serializers.IntegerField()
    listening = serializers.BooleanField()
    trouble = serializers.CharField()
    refused = RefusalSerializer(many=True)


class CodeSerializer(serializers.Serializer[object]):
    code = serializers.CharField()
    address = serializers.CharField()
    seconds_left = serializers.IntegerField()


class JoinSerializer(serializers.Serializer[object]):
    address = serializers.CharField(max_length=250)
    code = serializers.CharField(max_length=200)


class Pairing(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(summary="How far the pairing has come", responses=PairingSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002 -- REST framework's signature
        return Response(_told(pairing_state()))

    @extend_schema(summary="On the primary: make a code", request=None, responses={201: CodeSerializer})
    def post(self, request: Request) -> Response:
        if not may_offer(setup_state()):
            raise ActRefused(_("First this machine must be set up as the primary, to the end."))
        try:
            listening.show(by=user_of(request).username, address=address_of(request))
        except PairingError as error:
            raise ActRefused(str(error)) from None
        found = pairing_state()
        body = {"code": found.code, "address": found.address, "seconds_left": found.seconds_left}
        return Response(body, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    @extend_schema(summary="On the primary: the code is void from now on", responses={204: None})
    def delete(self, request: Request) -> Response:
        domain.cancel(by=user_of(request).username, address=address_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Join(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(
        summary="On the secondary: use the primary's code", request=JoinSerializer, responses=PairedSerializer
    )
    def post(self, request: Request) -> Response:
        form = JoinSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        if begun(setup_state()):
            raise ActRefused(_("This machine is a node of a cluster already, or becomes one just now."))
        wanted: dict[str, Any] = form.validated_data
        who = {"by": user_of(request).username, "asked_from": address_of(request)}
        try:
            peer = domain.join(wanted["address"], PORT, wanted["code"], **who)
        except PairingError as error:
            again = _(" Try again in %(seconds)d seconds.") % {"seconds": round(error.wait)} if error.wait else ""
            raise ActRefused(f"{error}{again}") from None
        return Response({"node": peer.node, "name": peer.name, "address": peer.address})


def _told(found: PairingState) -> dict[str, Any]:
    peer = found.peer
    return {
        "state": found.state,
        "peer": {"node": peer.node, "name": peer.name, "address": peer.address} if peer else None,
        "address": found.address,
        "seconds_left": found.seconds_left,
        "listening": found.listening,
        "trouble": found.trouble,
        "refused": [
            {"at": one.at, "address": one.address, "name": one.name, "reason": one.reason} for one in found.refused
        ],
    }
