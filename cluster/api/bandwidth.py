"""What the link must carry, and how fast it is."""

from dataclasses import asdict
from typing import Any

from django.db.utils import Error as DatabaseError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apresa.accounts.models import User
from apresa.jobs.models import Job
from cluster.api.access import ADMINISTRATOR
from cluster.api.acts import ActRefused
from cluster.domain import testing_link
from cluster.linktest import DEFAULT_RATE, LEAST_RATE, MOST_RATE
from cluster.queries.bandwidth import bandwidth
from cluster.queries.link_test import last_test


class TestSerializer(serializers.Serializer[object]):
    rate = serializers.IntegerField(min_value=LEAST_RATE, max_value=MOST_RATE, default=DEFAULT_RATE)
    confirm = serializers.BooleanField(default=False, help_text="Without it nothing is sent.")


class LinkSerializer(serializers.Serializer[object]):
    need = serializers.DictField(allow_null=True, help_text="Null while the calls cannot be read.")
    test = serializers.DictField(allow_null=True, help_text="The last test of the link.")


class ClusterLink(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(summary="What the link between the nodes must carry, and its last test", responses=LinkSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002 -- REST framework's signature
        try:
            need: dict[str, Any] | None = asdict(bandwidth())
        except DatabaseError:
            need = None
        job = last_test()
        return Response({"need": need, "test": _told(job) if job else None})

    @extend_schema(summary="Test the link between the nodes", request=TestSerializer, responses={202: LinkSerializer})
    def post(self, request: Request) -> Response:
        form = TestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        rate = form.validated_data["rate"]
        if not form.validated_data["confirm"]:
            return Response(
                {"will": f"Zeros are sent to the other node for 10 seconds, at {rate} Mbit/s on the average."}
            )
        user = request.user
        if not isinstance(user, User):
            raise TypeError("an anonymous user passed the permissions")
        try:
            address = str(request.META.get("REMOTE_ADDR") or "")
            job = testing_link.ask_test(by=user.username, address=address, rate=rate)
        except testing_link.Refused as error:
            raise ActRefused(str(error)) from None
        return Response({"need": None, "test": _told(job)}, status=status.HTTP_202_ACCEPTED)


def _told(job: Job) -> dict[str, Any]:
    return {"id": job.pk, "state": job.state, "progress": job.progress, "error": job.error, "result": job.result}
