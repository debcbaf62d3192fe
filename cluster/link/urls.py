"""What the other node may ask of this room, below /link/v1/."""

from django.urls import path

from cluster.link import views_recovery, views_report, views_sink, views_witness

urlpatterns = [
    path("report", views_report.report),
    path("recovery/report", views_recovery.report),
    path("recovery/connect", views_recovery.connect),
    path("witness", views_witness.order),
    path("empty", views_sink.empty),
    path("sink", views_sink.sink),
]
