"""The settings page, and the settings in the REST API."""

from django.urls import path

from apresa.config import api, pages

urlpatterns = [
    path("settings/", pages.settings, name="settings"),
    path("settings/reset/", pages.reset, name="settings-reset"),
    path("settings/theme/<slug:theme>/", pages.save, name="settings-save"),
    path("api/v1/settings/", api.Settings.as_view(), name="api-settings"),
    path("api/v1/settings/<str:name>/", api.OneSetting.as_view(), name="api-setting"),
]
