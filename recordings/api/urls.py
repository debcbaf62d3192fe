"""Addresses of the REST API."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from recordings.api import active, audio, calls, evidence, holds, mirror, notes, parts, verifications, why

urlpatterns = [
    path("v1/calls/", calls.CallList.as_view(), name="api-calls"),
    path("v1/calls/<uuid:call_id>/", calls.CallDetail.as_view(), name="api-call"),
    path("v1/calls/<uuid:call_id>/audio/", audio.CallAudio.as_view(), name="api-call-audio"),
    path("v1/calls/<uuid:call_id>/evidence/", evidence.CallEvidence.as_view(), name="api-call-evidence"),
    path("v1/calls/<uuid:call_id>/verify/", evidence.CallVerify.as_view(), name="api-call-verify"),
    path("v1/calls/<uuid:call_id>/pcap/", parts.CallPcap.as_view(), name="api-call-pcap"),
    path("v1/calls/<uuid:call_id>/peaks/", parts.CallPeaks.as_view(), name="api-call-peaks"),
    path("v1/calls/<uuid:call_id>/signalling/", parts.CallSignalling.as_view(), name="api-call-signalling"),
    path("v1/calls/<uuid:call_id>/notes/", notes.CallNotes.as_view(), name="api-call-notes"),
    path("v1/calls/<uuid:call_id>/notes/<uuid:note_id>/", notes.CallNote.as_view(), name="api-call-note"),
    path("v1/calls/<uuid:call_id>/tags/", notes.CallTags.as_view(), name="api-call-tags"),
    path("v1/calls/<uuid:call_id>/tags/<path:word>/", notes.CallTag.as_view(), name="api-call-tag"),
    path("v1/calls/<uuid:call_id>/keep/", holds.KeepCall.as_view(), name="api-call-keep"),
    path("v1/tags/", notes.Tags.as_view(), name="api-tags"),
    path("v1/holds/", holds.Holds.as_view(), name="api-holds"),
    path("v1/holds/contests/", holds.Contests.as_view(), name="api-contests"),
    path("v1/holds/<uuid:hold_id>/", holds.OneHold.as_view(), name="api-hold"),
    path("v1/holds/<uuid:hold_id>/calls/", holds.HoldCalls.as_view(), name="api-hold-calls"),
    path("v1/holds/<uuid:hold_id>/calls/<uuid:call_id>/", holds.HoldCall.as_view(), name="api-hold-call"),
    path("v1/active-calls/", active.ActiveCalls.as_view(), name="api-active-calls"),
    path("v1/active-calls/<uuid:call_id>/silence/", active.SilenceCall.as_view(), name="api-silence-call"),
    path("v1/why/", why.WhyList.as_view(), name="api-why"),
    path("v1/why/totals/", why.WhyTotals.as_view(), name="api-why-totals"),
    path("v1/why/<uuid:call_id>/", why.WhyCall.as_view(), name="api-why-call"),
    path("v1/verifications/", verifications.Verifications.as_view(), name="api-verifications"),
    path("v1/verifications/<uuid:job_id>/", verifications.Verification.as_view(), name="api-verification"),
    path("v1/mirror/", mirror.Mirror.as_view(), name="api-mirror"),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]
