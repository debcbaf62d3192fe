"""Who may do what with a call, by API."""

import uuid
from typing import Any

from django.core.cache import cache
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from apresa.accounts.api import TokenScope
from apresa.accounts.models import User
from apresa.audit import domain as audit
from recordings.api.errors import gone
from recordings.models import Call
from recordings.queries.calls import find_call, was_deleted

SAME_ACT = 600  # seconds in which a player's many requests are one act


class MaySeeCalls(BasePermission):
    message = _("You may not see calls.")

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002 -- REST framework's signature
        user = request.user
        return user.has_perm("recordings.view_call") or user.has_perm("recordings.view_all_calls")


SIGNED_IN = (IsAuthenticated, TokenScope, MaySeeCalls)


class Needs(BasePermission):
    """A right of the recordings app."""

    codename = ""
    message: Any = ""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002 -- REST framework's signature
        return request.user.has_perm(f"recordings.{self.codename}")


class MayListen(Needs):
    codename = "listen_call"
    message = _("You may not listen to calls.")


class MayDownload(Needs):
    codename = "download_call"
    message = _("You may not download calls.")


class MaySeeSignalling(Needs):
    codename = "view_signalling"
    message = _("You may not see the signalling of calls.")


class MayDelete(Needs):
    codename = "delete_call"
    message = _("You may not delete calls.")


class MaySilence(Needs):
    codename = "silence_call"
    message = _("You may not silence calls.")


def reader(request: Request) -> User:
    """The signed-in user; permissions have been checked before."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("an anonymous user passed the permissions")
    return user


def check(request: Request, view: APIView, permission: type[Needs]) -> None:
    """Raise PermissionDenied unless the user has a right that this request alone needs."""
    if not permission().has_permission(request, view):
        raise PermissionDenied(permission.message)


def call_or_404(request: Request, call_id: uuid.UUID) -> Call:
    """The call by id or alias; 410 for a deleted one where the user may know that, else 404."""
    user = reader(request)
    try:
        return find_call(user, call_id)
    except Call.DoesNotExist:
        if user.has_perm("recordings.view_all_calls") and was_deleted(call_id):
            raise gone() from None
        raise Http404 from None


def note(request: Request, action: str, call_id: uuid.UUID, **detail: str) -> None:
    """Audit an act; a player asks for many ranges of one recording, which are one act."""
    user = reader(request)
    key = f"act-{user.pk}-{action}-{call_id}-{sorted(detail.items())!r}".replace(" ", "")
    if cache.add(key[:240], 1, SAME_ACT):
        address = str(request.META.get("REMOTE_ADDR") or "")
        audit.record(user, action, f"call {call_id}", address=address, **detail)
