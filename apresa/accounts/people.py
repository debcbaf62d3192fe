"""Who asks."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apresa.accounts.models import User


def signed_in(request: HttpRequest) -> User:
    """The person who sent this request. Raises PermissionDenied for nobody in particular."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
