"""Jobs in the admin, to look at."""

from django.contrib import admin

from apresa.admin_base import ReadOnlyAdmin
from apresa.jobs.models import Job


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    database = "node"
    list_display = ("kind", "state", "progress", "attempts", "owner", "created_at", "finished_at")
    list_filter = ("state", "kind")
    date_hierarchy = "created_at"
