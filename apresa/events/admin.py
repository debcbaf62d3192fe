"""Events in the admin, to look at."""

from django.contrib import admin

from apresa.admin_base import ReadOnlyAdmin
from apresa.events.models import Event


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    database = "node"
    list_display = ("at", "severity", "code", "sentence", "alarm", "closed_at")
    list_filter = ("severity", "alarm", "code")
