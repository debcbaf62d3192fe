"""Every error of the API has one shape: {"code", "message"}, and "fields" where a parameter is wrong."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler


class Problem(exceptions.APIException):
    """An answer with a code of its own."""

    def __init__(self, status_code: int, code: str, message: Any) -> None:
        super().__init__(message, code)
        self.status_code = status_code


def gone() -> Problem:
    return Problem(status.HTTP_410_GONE, "deleted", gettext_lazy("This call was deleted."))


def no_audio(reason: str) -> Problem:
    return Problem(status.HTTP_404_NOT_FOUND, "no-audio", _("This call has no audio: %(reason)s.") % {"reason": reason})


def no_packets() -> Problem:
    return Problem(status.HTTP_404_NOT_FOUND, "no-packets", gettext_lazy("The packets of this call were not kept."))


def not_readable() -> Problem:
    return Problem(
        status.HTTP_503_SERVICE_UNAVAILABLE,
        "file-not-readable",
        gettext_lazy("The recording's file cannot be read now. Is the library's volume mounted?"),
    )


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler; database trouble goes on to the platform's middleware."""
    if isinstance(error, Http404):
        error = exceptions.NotFound(_("There is no such call, or you may not see it."))
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _body(error, response.data)
    return response


def _body(error: Exception, data: Any) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        fields = data if isinstance(data, dict) else {"": data}
        first = next(iter(fields.values()), "")
        message = str(first[0]) if isinstance(first, list) and first else str(first)
        return {"code": "invalid", "message": message, "fields": fields}
    code = str(getattr(error, "default_code", "error"))
    if isinstance(error, exceptions.APIException):
        found = error.get_codes()
        code = found if isinstance(found, str) else code
    message = data.get("detail", "") if isinstance(data, dict) else data
    return {"code": code.replace("_", "-"), "message": str(message)}
