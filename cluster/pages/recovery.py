"""Repair…: both sides side by side, what is proposed and why, and the button."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apresa.accounts.backends import client_address
from cluster.domain import recovering
from cluster.domain.comparing import NoPair, compare_now
from cluster.helper import runner_here
from cluster.pages.access import administrator
from cluster.queries.recovery import choice
from cluster.queries.recovery_preview import preview


@require_http_methods(["GET", "HEAD", "POST"])
def recovery(request: HttpRequest) -> HttpResponse:
    """Compares at each look: what was so a minute ago is no ground to discard anything."""
    user = administrator(request)
    try:
        compared = compare_now(runner_here())
    except NoPair as error:
        return render(request, "cluster/recovery.html", {"trouble": str(error)}, status=409 if request.POST else 200)
    found = choice(compared)
    if request.method == "POST":
        accept = request.POST.get("accept") == "yes"
        try:
            recovering.ask(found, by=user.username, address=client_address(request), accept=accept)
        except recovering.Refused:
            return render(request, "cluster/recovery.html", {"preview": preview(found, compared, _)}, status=409)
        messages.success(request, _("It has begun. Its progress is shown here."))
        return redirect("cluster")
    return render(request, "cluster/recovery.html", {"preview": preview(found, compared, _)})
