"""System information: this machine, its databases, capture, disk, and what went wrong last."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apresa import health as checks
from apresa import sections
from recordings.pages import machine
from recordings.queries.capture import capture


@require_safe
def system(request: HttpRequest) -> HttpResponse:
    if not request.user.is_staff:
        raise PermissionDenied
    context = {**machine.facts(), "findings": checks.findings(), "sections": sections.shown()}
    return render(request, "recordings/system.html", context)


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """The pill in the top bar."""
    wrong = [name for name, finding in checks.findings().items() if not finding.ok]
    return render(request, "recordings/parts/health.html", {"wrong": wrong, "capture": capture()})
