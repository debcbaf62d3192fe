"""The audit trail in the admin, to look at: this machine's own part, which is never behind."""

from django.contrib import admin

from apresa.admin_base import ReadOnlyAdmin
from apresa.audit.models import Entry


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    database = "node"
    list_display = ("at", "actor", "action", "object", "address")
    list_filter = ("action",)
    search_fields = ("actor", "object")
    date_hierarchy = "at"
