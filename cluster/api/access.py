"""Who may see and change the cluster, by API."""

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from apresa.accounts.api import TokenScope


class IsAdministrator(BasePermission):
    message = _("The cluster is for administrators.")

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002 -- REST framework's signature
        return bool(request.user.is_superuser)


ADMINISTRATOR = (IsAuthenticated, TokenScope, IsAdministrator)
