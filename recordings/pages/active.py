"""The calls that are going on now, as the signalling process tells them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recordings.domain.silencing import may_silence
from recordings.pages.reader import reader
from recordings.queries.capture import capture
from recordings.queries.live import running_calls


@require_safe
def active_calls(request: HttpRequest) -> HttpResponse:
    return render(request, "recordings/active.html", active_context(request))


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The part that the page asks for every second."""
    return render(request, "recordings/parts/active_table.html", active_context(request))


def active_context(request: HttpRequest) -> dict[str, object]:
    user = reader(request)
    return {"capture": capture(), "live": running_calls(user), "may_silence": may_silence(user)}
