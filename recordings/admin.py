"""Calls in the admin, to look at; whose number is whose, to change."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from apresa.accounts.people import signed_in
from apresa.admin_base import ModelAdmin, ReadOnlyAdmin
from recordings.models import Call, Stream, Tombstone, UserNumber, Version

if TYPE_CHECKING:  # generic for the type checker only
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline


class ReadOnlyInline(TabularInline):
    """Rows of a call; who may see the call may see them."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False


class VersionInline(ReadOnlyInline):
    model = Version
    fields = ("number", "file", "format", "size", "sample_rate", "duration_ms", "created")
    readonly_fields = fields


class StreamInline(ReadOnlyInline):
    model = Stream
    fields = ("position", "ssrc", "codec", "source", "destination", "side", "media")


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    list_display = ("started", "caller", "callee", "duration_ms", "end_reason", "state", "codecs")
    list_filter = ("state", "protocol")
    search_fields = ("caller", "callee")
    date_hierarchy = "started"
    inlines = (VersionInline, StreamInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        calls: QuerySet[Any] = Call.objects.visible_to(signed_in(request))
        return calls


@admin.register(Tombstone)
class TombstoneAdmin(ReadOnlyAdmin):
    list_display = ("at", "why", "who", "call_started", "erased_at")
    list_filter = ("why",)


@admin.register(UserNumber)
class UserNumberAdmin(ModelAdmin):
    list_display = ("user", "number")
    list_select_related = ("user",)
    search_fields = ("number", "user__username")
