"""Who may see the pages of the cluster."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apresa.accounts.models import User
from apresa.accounts.people import signed_in


def administrator(request: HttpRequest) -> User:
    """Raises PermissionDenied."""
    user = signed_in(request)
    if not user.is_superuser:
        raise PermissionDenied
    return user
