"""What the paired node may ask: each room's own addresses, below /link/v1/."""

from typing import Any

from django.urls import include, path

urlpatterns: list[Any] = [
    path("link/v1/", include("cluster.link.urls")),
    path("link/v1/", include("recordings.link.urls")),
]
handler404 = "worker.link.errors.not_found"
handler400 = "worker.link.errors.bad_request"
handler403 = "worker.link.errors.bad_request"
handler500 = "worker.link.errors.failed"
