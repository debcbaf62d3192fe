"""People, groups and tokens in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apresa.accounts.models import Token, User
from apresa.admin_base import ModelAdmin
from apresa.audit import domain as audit


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # generic for the type checker only
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "language", "time_zone", "theme")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    list_display = ("username", "first_name", "last_name", "is_active", "is_superuser")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        action = "user-changed" if change else "user-added"
        audit.record(request.user, action, obj.username, fields=form.changed_data)  # type: ignore[arg-type]  # the admin asks for a user


@admin.register(Token)
class TokenAdmin(ModelAdmin):
    list_display = ("user", "name", "prefix", "may_write", "created_at", "expires_at")
    readonly_fields = ("user", "prefix", "created_at")
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- made where the secret can be shown once
        return False
