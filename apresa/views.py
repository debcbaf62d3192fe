"""The few pages of the project itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _


def home(_request: HttpRequest) -> HttpResponse:
    """Nobody comes here for a page: the calls are what people come for."""
    return redirect("calls")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    sentence = _("This form is too old, or the browser keeps no cookies. Open the page again and repeat.")
    return render(request, "trouble.html", {"sentence": sentence, "code": "csrf", "technical": reason}, status=403)
