"""What else a call has: its packets, waveform and signalling."""

import tempfile
import uuid
from pathlib import Path

from django.conf import settings
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apresa.ranges import file_response
from recordings.api.access import SIGNED_IN, MayDownload, MayListen, MaySeeSignalling, call_or_404, note
from recordings.api.audio import AnyType
from recordings.api.errors import no_audio, no_packets, not_readable
from recordings.api.serializers import ERRORS, MessageSerializer, PeaksSerializer
from recordings.domain.capture_file import write_capture
from recordings.link.asking import from_active_node
from recordings.models import Version
from recordings.pipeline.render.peaks import PeaksError
from recordings.pipeline.spool.errors import SpoolError
from recordings.queries.calls import current_version
from recordings.queries.details import read_details
from recordings.queries.waveform import read_waveform


class CallPcap(APIView):
    permission_classes = (*SIGNED_IN, MayDownload)
    content_negotiation_class = AnyType

    @extend_schema(
        summary="The call's packets as a capture file",
        responses={(200, "application/vnd.tcpdump.pcap"): OpenApiTypes.BINARY, **ERRORS},
    )
    @from_active_node("pcap")
    def get(self, request: Request, call_id: uuid.UUID) -> HttpResponseBase:
        call = call_or_404(request, call_id)
        version = current_version(call)
        if version is None or not version.packets:
            raise no_packets()
        with tempfile.TemporaryDirectory(prefix="pcap-", dir=work_folder()) as folder:
            path = Path(folder) / "call.pcap"
            try:
                write_capture(Path(settings.APRESA.library) / version.packets, path)
            except (OSError, SpoolError):
                raise not_readable() from None
            note(request, "call-downloaded", call.pk, format="pcap")
            # The open file outlives its name.
            return file_response(
                request._request,  # noqa: SLF001 -- Django's own request knows ASGI
                path,
                content_type="application/vnd.tcpdump.pcap",
                etag=version.packets_sha256[:32],
                name=f"{call.started:%Y%m%d-%H%M%S}-{str(call.pk)[:8]}.pcap",
            )


class CallPeaks(APIView):
    permission_classes = (*SIGNED_IN, MayListen)

    @extend_schema(summary="The waveform", responses={200: PeaksSerializer, **ERRORS})
    @from_active_node("peaks")
    def get(self, request: Request, call_id: uuid.UUID) -> HttpResponseBase:
        version = _with_audio(request, call_id)
        try:
            found = read_waveform(Path(settings.APRESA.library) / version.peaks)
        except (OSError, PeaksError):
            raise not_readable() from None
        facts = {"duration": version.duration_ms / 1000, "sample_rate": version.sample_rate}
        response = Response({**facts, "per_second": found.per_second, "peaks": found.peaks})
        response["Cache-Control"] = "private, no-store"
        return response


class CallSignalling(APIView):
    permission_classes = (*SIGNED_IN, MaySeeSignalling)

    @extend_schema(summary="The call's SIP messages", responses={200: MessageSerializer(many=True), **ERRORS})
    @from_active_node("signalling")
    def get(self, request: Request, call_id: uuid.UUID) -> HttpResponseBase:
        call = call_or_404(request, call_id)
        details = read_details(Path(settings.APRESA.library), current_version(call))
        note(request, "signalling-seen", call.pk)
        return Response(MessageSerializer(details.messages, many=True).data)


def _with_audio(request: Request, call_id: uuid.UUID) -> Version:
    call = call_or_404(request, call_id)
    version = current_version(call)
    if version is None or not version.peaks:
        raise no_audio(call.why_no_audio or call.problem)
    return version


def work_folder() -> Path:
    work = Path(settings.APRESA.run) / "work"
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    return work
