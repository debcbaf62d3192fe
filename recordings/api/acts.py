"""What the views of notes, tags and holds have in common."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from apresa.accounts.backends import client_address
from apresa.accounts.models import User
from recordings.api.access import Needs, reader
from recordings.api.errors import Problem, gone
from recordings.domain.acting import ActRefused
from recordings.domain.holds import OnHold, may_see
from recordings.models import Call, Hold, Note


class MayNote(Needs):
    codename = "note_call"
    message = gettext_lazy("You may not write notes on calls.")


class MayHold(Needs):
    codename = "hold_call"
    message = gettext_lazy("You may not put calls on hold.")


class MayRelease(Needs):
    codename = "release_hold"
    message = gettext_lazy("You may not release holds.")


class MaySeeHolds(BasePermission):
    message = gettext_lazy("You may not see holds.")

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002 -- REST framework's signature
        return may_see(request.user)


def given(request: Request, *names: str, **others: Any) -> dict[str, Any]:
    """The named values of the body, and others with what holds without them. Raises ValidationError."""
    body = request.data
    if not isinstance(body, dict):
        raise ValidationError({"": [_("Send an object.")]})
    for name in names:
        if name not in body:
            raise ValidationError({name: [_("This value is missing.")]})
    return {**{name: body[name] for name in names}, **{name: body.get(name, value) for name, value in others.items()}}


def uuids(value: object) -> list[uuid.UUID]:
    """The ids of calls. Raises ValidationError."""
    try:
        found = [uuid.UUID(str(item)) for item in value] if isinstance(value, list) else None
    except ValueError:
        found = None
    if found is None:
        raise ValidationError({"calls": [_("Give a list of ids of calls.")]})
    return found


@contextmanager
def told() -> Iterator[None]:
    """What an act raises, as answers."""
    try:
        yield
    except ActRefused as error:
        if error.field:
            raise ValidationError({error.field: [str(error)]}) from error
        raise PermissionDenied(str(error)) from error
    except Call.DoesNotExist:
        raise gone() from None
    except (Note.DoesNotExist, Hold.DoesNotExist):
        raise Http404 from None


def on_hold(error: OnHold, user: User) -> Problem:
    return Problem(409, "on-hold", error.told_to(user))


def who(request: Request) -> dict[str, Any]:
    """Who acts, and from where: for the audit trail."""
    return {"by": reader(request), "address": client_address(request._request)}  # noqa: SLF001 -- Django's own request
