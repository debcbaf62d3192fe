"""Every address of the web application."""

from django.contrib import admin
from django.urls import include, path

from apresa import health, views
from apresa.accounts.views import SignOutView

admin.site.site_header = admin.site.site_title = "Apresa"

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("apresa.accounts.urls")),
    path("", include("apresa.config.urls")),
    path("", include("recordings.pages.urls")),
    path("api/", include("recordings.api.urls")),
    path("", include("cluster.pages.urls")),
    path("api/", include("cluster.api.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    # One door: the admin's own form knows neither the wait nor the audit trail.
    path("admin/login/", views.admin_sign_in),
    path("admin/logout/", SignOutView.as_view()),
    path("admin/", admin.site.urls),
]
