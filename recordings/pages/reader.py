"""Who reads the pages of calls."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apresa.accounts.models import User
from apresa.accounts.people import signed_in


def reader(request: HttpRequest) -> User:
    """The person who asks. Raises PermissionDenied for those who may see no call at all."""
    user = signed_in(request)
    if not user.has_perm("recordings.view_call") and not user.has_perm("recordings.view_all_calls"):
        raise PermissionDenied
    return user
