"""What the other node may ask of this room, below /link/v1/."""

from django.urls import path

from cluster.link import views_handover, views_recovery, views_report, views_sink, views_witness

urlpatterns = [
    path("report", views_report.report),
    path("recovery/report", views_recovery.report),
    path("recovery/known", views_recovery.known),
    path("recovery/connect", views_recovery.connect),
    path("witness", views_witness.order),
    path("recovery/handover/<str:name>", views_handover.handover),
    path("empty", views_sink.empty),
    path("sink", views_sink.sink),
]
