"""Repair…: both sides side by side, what is proposed and why, and the button; then how far it is."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from apresa.accounts.backends import client_address
from cluster.catalogue.recovery import NOTES
from cluster.domain import recovering
from cluster.domain.comparing import NoPair, compare_now
from cluster.helper import runner_here
from cluster.pages.access import administrator
from cluster.pages.words import ActLine, act_line
from cluster.queries.history import last_recovery, recovery_under_way
from cluster.queries.recovery import choice
from cluster.queries.recovery_preview import preview

PAGE = "cluster/recovery.html"


@require_http_methods(["GET", "HEAD", "POST"])
def recovery(request: HttpRequest) -> HttpResponse:
    """Compares at each look: what was so a minute ago is no ground to discard anything.

    While a recovery is under way only its progress is shown: the two sides change under its hands.
    """
    user = administrator(request)
    running = _running()
    if running and request.method != "POST":
        return render(request, PAGE, {"running": running})
    try:
        compared = compare_now(runner_here())
    except NoPair as error:
        status = 409 if request.method == "POST" else 200
        return render(request, PAGE, {"trouble": _(str(error)), "last": _last()}, status=status)
    found = choice(compared)
    if request.method == "POST":
        accept = request.POST.get("accept") == "yes"
        try:
            recovering.ask(found, by=user.username, address=client_address(request), accept=accept)
        except recovering.Refused:
            return render(request, PAGE, {"preview": preview(found, compared, _), "running": running}, status=409)
        return redirect("cluster-recovery")
    return render(request, PAGE, {"preview": preview(found, compared, _), "last": _last()})


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """Asked for every two seconds while a recovery is under way; when it has ended the whole page is another one."""
    administrator(request)
    running = _running()
    if not running:
        return HttpResponseClientRefresh()
    return render(request, "cluster/parts/recovery_progress.html", {"running": running})


def _running() -> ActLine | None:
    job = recovery_under_way()
    return act_line(job) if job else None


def _last() -> dict[str, Any] | None:
    """How the last one ended."""
    job = last_recovery()
    if job is None:
        return None
    note = job.result.get("note", "") if isinstance(job.result, dict) else ""
    return {"act": act_line(job), "note": _(NOTES[note]) if note in NOTES else ""}
