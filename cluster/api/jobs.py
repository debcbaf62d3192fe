"""A job of the cluster, as its asker follows it."""

import uuid
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apresa.jobs.models import Job
from cluster.api.access import ADMINISTRATOR


class StartedSerializer(serializers.Serializer[object]):
    id = serializers.UUIDField()
    act = serializers.CharField()
    state = serializers.CharField()
    progress = serializers.IntegerField()
    doing = serializers.CharField()
    error = serializers.CharField()
    steps = serializers.ListField()


class OneJob(APIView):
    """`unknown`: what is said where there is none of this `kind`."""

    permission_classes = ADMINISTRATOR
    kind = ""
    unknown: Any = ""

    def get(self, request: Request, job_id: uuid.UUID) -> Response:  # noqa: ARG002 -- REST framework's signature
        job = Job.objects.using("node").filter(pk=job_id, kind=self.kind).first()
        if job is None:
            raise NotFound(self.unknown)
        return Response(started(job))


def started(job: Job) -> dict[str, Any]:
    steps = job.result.get("steps", []) if isinstance(job.result, dict) else []
    facts = {"id": job.pk, "act": job.parameters.get("name"), "state": job.state, "progress": job.progress}
    return {**facts, "doing": job.progress_text, "error": job.error, "steps": steps}
