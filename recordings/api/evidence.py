"""The evidence package of a call."""

import tempfile
import uuid
from pathlib import Path
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apresa.accounts.backends import client_address
from apresa.audit import domain as audit
from apresa.ranges import file_response
from recordings.api.access import SIGNED_IN, MayDownload, MaySeeSignalling, Needs, call_or_404, reader
from recordings.api.audio import AnyType
from recordings.api.errors import Problem, no_audio, not_readable
from recordings.api.parts import work_folder
from recordings.api.serializers import ERRORS
from recordings.domain.chaining import link_all
from recordings.domain.conversion import Busy
from recordings.domain.exporting import write_package
from recordings.domain.verifying import verify
from recordings.evidence.chain import ProofError
from recordings.link.asking import from_active_node
from recordings.queries.calls import current_version


class MayExportEvidence(Needs):
    codename = "export_evidence"
    message = gettext_lazy("You may not export evidence packages.")


class CallEvidence(APIView):
    """The package holds audio, signalling and who did what: whoever exports it needs the right to each."""

    permission_classes = (*SIGNED_IN, MayExportEvidence, MayDownload, MaySeeSignalling)
    content_negotiation_class = AnyType

    @extend_schema(
        summary="The evidence package",
        description="A zip that proves itself: open verify.html in it, or run verify.py.",
        responses={(200, "application/zip"): OpenApiTypes.BINARY, **ERRORS},
    )
    @from_active_node("evidence")
    def get(self, request: Request, call_id: uuid.UUID) -> HttpResponseBase:
        call = call_or_404(request, call_id)
        version = current_version(call)
        if version is None:
            raise no_audio(call.problem)
        # The export is in the audit trail that it exports.
        audit.record(reader(request), "evidence-exported", f"call {call.pk}", address=client_address(request))
        audit.ship()
        with tempfile.TemporaryDirectory(prefix="evidence-", dir=work_folder()) as folder:
            path = Path(folder) / "evidence.zip"
            try:
                link_all()
                write_package(call, version, path)
            except Busy:
                message = _("Too many recordings are being converted now. Try again in a moment.")
                raise Problem(503, "busy", message) from None
            except ProofError as error:
                message = _("The proof of this call cannot be made: %(reason)s") % {"reason": error}
                raise Problem(409, "no-proof", message) from None
            except OSError:
                raise not_readable() from None
            # The open file outlives its name.
            return file_response(
                request._request,  # noqa: SLF001 -- Django's own request knows ASGI
                path,
                content_type="application/zip",
                etag=uuid.uuid4().hex,
                name=f"{call.started:%Y%m%d-%H%M%S}-{str(call.pk)[:8]}-evidence.zip",
            )


class MayVerify(Needs):
    codename = "verify_call"
    message = gettext_lazy("You may not verify recordings.")


class VerifiedSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(["verified", "changed", "not-checked"])
    found = serializers.ListField(child=serializers.CharField())


class CallVerify(APIView):
    permission_classes = (*SIGNED_IN, MayVerify)

    @extend_schema(summary="Verify the call now", request=None, responses={200: VerifiedSerializer, **ERRORS})
    def post(self, request: Request, call_id: uuid.UUID) -> Response:
        call = call_or_404(request, call_id)
        try:
            found = verify(call.pk)
        except OSError:
            raise not_readable() from None
        address = client_address(request)
        audit.record(reader(request), "call-verified", f"call {call.pk}", address=address, found=list(found or ()))
        state = "not-checked" if found is None else "changed" if found else "verified"
        return Response({"state": state, "found": list(found or ())})
