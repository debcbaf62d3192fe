"""Verifying a day or everything, by API."""

import uuid
from datetime import date
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apresa.accounts.backends import client_address
from apresa.jobs.models import Job
from recordings.api.access import SIGNED_IN, Needs, reader
from recordings.api.acts import given
from recordings.api.evidence import MayVerify
from recordings.api.serializers import ERRORS
from recordings.domain import verification


class MaySeeAll(Needs):
    codename = "view_all_calls"
    message = gettext_lazy("You may not see all calls.")


class AskedSerializer(serializers.Serializer[Any]):
    day = serializers.DateField(required=False, allow_null=True, help_text="UTC; everything when left out")


class VerificationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()
    progress = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)
    verified = serializers.IntegerField()
    unchecked = serializers.IntegerField()
    changed = serializers.DictField(help_text="The calls that differ, with the codes of what; at most 1000.")
    more = serializers.IntegerField(help_text="How many more differ.")
    faults = serializers.ListField(child=serializers.CharField(), help_text="Chains that are not whole.")


class Verifications(APIView):
    permission_classes = (*SIGNED_IN, MayVerify, MaySeeAll)

    @extend_schema(
        summary="Verify a day or everything",
        request=AskedSerializer,
        responses={202: VerificationSerializer, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        day = _day(given(request, day=None)["day"])
        job = verification.ask(reader(request), day, address=client_address(request))
        return Response(_said(job), status=status.HTTP_202_ACCEPTED)


class Verification(APIView):
    permission_classes = (*SIGNED_IN, MayVerify, MaySeeAll)

    @extend_schema(summary="How far it is, and what was found", responses={200: VerificationSerializer, **ERRORS})
    def get(self, request: Request, job_id: uuid.UUID) -> Response:  # noqa: ARG002 -- REST framework's signature
        job = verification.job_of(job_id)
        if job is None:
            raise Http404
        return Response(_said(job))


def _day(value: object) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValidationError({"day": [_("Write the day as 2026-03-31.")]}) from None


def _said(job: Job) -> dict[str, Any]:
    empty: dict[str, Any] = {"verified": 0, "unchecked": 0, "changed": {}, "more": 0, "faults": []}
    found = {**empty, **(job.result or {})}
    facts = {"id": job.pk, "state": job.state, "progress": job.progress, "error": job.error}
    return dict(VerificationSerializer({**found, **facts}).data)
