"""Every address of the web application."""

from django.contrib import admin
from django.urls import include, path

from apresa import health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("apresa.accounts.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
]
