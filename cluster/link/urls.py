"""What the other node may ask of this room, below /link/v1/."""

from django.urls import path

from cluster.link import views_report

urlpatterns = [
    path("report", views_report.report),
]
