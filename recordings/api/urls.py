"""Addresses of the REST API."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from recordings.api import active, audio, calls, mirror, parts, why

urlpatterns = [
    path("v1/calls/", calls.CallList.as_view(), name="api-calls"),
    path("v1/calls/<uuid:call_id>/", calls.CallDetail.as_view(), name="api-call"),
    path("v1/calls/<uuid:call_id>/audio/", audio.CallAudio.as_view(), name="api-call-audio"),
    path("v1/calls/<uuid:call_id>/pcap/", parts.CallPcap.as_view(), name="api-call-pcap"),
    path("v1/calls/<uuid:call_id>/peaks/", parts.CallPeaks.as_view(), name="api-call-peaks"),
    path("v1/calls/<uuid:call_id>/signalling/", parts.CallSignalling.as_view(), name="api-call-signalling"),
    path("v1/active-calls/", active.ActiveCalls.as_view(), name="api-active-calls"),
    path("v1/why/", why.WhyList.as_view(), name="api-why"),
    path("v1/why/totals/", why.WhyTotals.as_view(), name="api-why-totals"),
    path("v1/why/<uuid:call_id>/", why.WhyCall.as_view(), name="api-why-call"),
    path("v1/mirror/", mirror.Mirror.as_view(), name="api-mirror"),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]
