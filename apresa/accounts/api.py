"""The REST API's door: bearer tokens and what they may do."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from apresa.accounts import tokens
from apresa.accounts.backends import client_address
from apresa.accounts.models import Token, User

if TYPE_CHECKING:  # that module reads the settings that name this one
    from rest_framework.views import APIView


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer apr_…`."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() not in {b"bearer", b"token"}:
            return None
        token = tokens.find(words[1].decode("latin-1")) if len(words) == 2 else None
        if token is None:
            raise AuthenticationFailed(_("This token is unknown, expired, or its user is disabled. Make a new one."))
        tokens.note_use(token, client_address(request))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 -- the signature is REST framework's
        return "Bearer"


class TokenScope(BasePermission):
    """A token that may only read changes nothing, whatever its user may."""

    message = _("This token may only read. Make one that may change things.")

    def has_permission(self, request: Request, view: "APIView") -> bool:  # noqa: ARG002 -- the signature is REST framework's
        return request.method in SAFE_METHODS or not isinstance(request.auth, Token) or request.auth.may_write
