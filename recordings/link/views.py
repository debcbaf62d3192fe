"""The active node's side: what lies in the library, for somebody who is signed in at the other node."""

import uuid
from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from apresa.accounts.models import User
from apresa.node.domain import is_active
from apresa.nodelink.answers import Refusal, answers, refuse
from recordings.api.audio import CallAudio
from recordings.api.evidence import CallEvidence
from recordings.api.parts import CallPcap, CallPeaks, CallSignalling
from recordings.link.asking import BY_LINK

PARTS: Mapping[str, Any] = MappingProxyType(
    {
        "audio": CallAudio.as_view(),
        "evidence": CallEvidence.as_view(),
        "pcap": CallPcap.as_view(),
        "peaks": CallPeaks.as_view(),
        "signalling": CallSignalling.as_view(),
    }
)


@answers("GET")
def part(request: HttpRequest, call_id: uuid.UUID, name: str) -> HttpResponseBase:
    """The API's own view answers, with the rights that the user has here and now, and audits by the user's address."""
    if not is_active():
        raise Refusal(HTTPStatus.CONFLICT, "not-active", "No node is active now.")
    if name not in PARTS:
        raise Refusal(HTTPStatus.NOT_FOUND, "unknown", "A call has no such part.")
    request._force_auth_user = _user(request)  # type: ignore[attr-defined]  # noqa: SLF001 -- REST framework's way in
    request.META |= {"REMOTE_ADDR": _address(request), BY_LINK: True}
    response: HttpResponseBase = PARTS[name](request, call_id=call_id)
    data = getattr(response, "data", None)
    if response.status_code >= HTTPStatus.BAD_REQUEST and isinstance(data, dict):
        return refuse(response.status_code, str(data.get("code", "refused")), str(data.get("message", "")))
    return response


def _user(request: HttpRequest) -> User:
    try:
        return User.objects.get(pk=int(request.GET.get("user", "")[:20]), is_active=True)
    except (User.DoesNotExist, ValueError, OverflowError):
        raise Refusal(HTTPStatus.FORBIDDEN, "no-user", "The active node knows no such user.") from None


def _address(request: HttpRequest) -> str:
    try:
        return str(ip_address(request.GET.get("address", "")))
    except ValueError:
        return ""
