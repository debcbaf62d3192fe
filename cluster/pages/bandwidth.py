"""What the link between the nodes must carry, and how fast it is."""

from typing import Any

from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from apresa.accounts.backends import client_address
from cluster.bandwidth import Need
from cluster.domain import testing_link
from cluster.linktest import DEFAULT_RATE, SECONDS
from cluster.pages.access import administrator
from cluster.queries.bandwidth import bandwidth
from cluster.queries.link_test import last_test, under_way


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """The estimate, the last test, and the button for a new one."""
    user = administrator(request)
    refused = ""
    if request.method == "POST":
        try:
            testing_link.ask_test(by=user.username, address=client_address(request))
        except testing_link.Refused as error:
            refused = _(str(error))
        else:
            return redirect("cluster-link")
    context = {"need": _need(), "refused": refused, "seconds": int(SECONDS), "rate": DEFAULT_RATE, **_test()}
    return render(request, "cluster/link.html", context, status=409 if refused else 200)


@require_safe
def link_test(request: HttpRequest) -> HttpResponse:
    """Asked for every two seconds while a test is under way; when it has ended the whole page is another one."""
    administrator(request)
    found = _test()
    if not found["testing"]:
        return HttpResponseClientRefresh()
    return render(request, "cluster/parts/link_test.html", found)


def _test() -> dict[str, Any]:
    return {"job": last_test(), "testing": under_way()}


def _need() -> Need | None:
    try:
        return bandwidth()
    except DatabaseError:  # the cluster's database is away; the link can be tested all the same
        return None
