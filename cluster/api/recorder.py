"""The recording component of this machine, started anew."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cluster.api.access import ADMINISTRATOR
from cluster.api.acts import address_of, user_of
from cluster.api.jobs import OneJob, StartedSerializer, started
from cluster.domain import recorder
from cluster.queries.recorder import KIND


class RecorderRestart(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(
        summary="Restart the recording component of this machine", request=None, responses={202: StartedSerializer}
    )
    def post(self, request: Request) -> Response:
        job = recorder.ask(by=user_of(request).username, address=address_of(request))
        return Response(started(job), status=status.HTTP_202_ACCEPTED)


@extend_schema_view(get=extend_schema(summary="How far a restart has come", responses=StartedSerializer))
class OneRecorderRestart(OneJob):
    kind, unknown = KIND, _("This machine knows no such restart.")
