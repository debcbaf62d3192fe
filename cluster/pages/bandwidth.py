"""What the link between the nodes must carry, and how fast it is."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apresa.accounts.backends import client_address
from apresa.accounts.people import signed_in
from cluster.bandwidth import Need
from cluster.domain import testing_link
from cluster.linktest import DEFAULT_RATE, SECONDS
from cluster.queries.bandwidth import bandwidth
from cluster.queries.link_test import last_test


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """The estimate, the last test, and the button for a new one."""
    user = signed_in(request)
    if not user.is_superuser:
        raise PermissionDenied
    refused = ""
    if request.method == "POST":
        try:
            testing_link.ask_test(by=user.username, address=client_address(request))
        except testing_link.Refused as error:
            refused = _(str(error))
        else:
            messages.success(request, _("The test has begun. Its result is shown here in some seconds."))
            return redirect("cluster-link")
    context = {"need": _need(), "job": last_test(), "refused": refused, "seconds": int(SECONDS), "rate": DEFAULT_RATE}
    return render(request, "cluster/link.html", context, status=409 if refused else 200)


def _need() -> Need | None:
    try:
        return bandwidth()
    except DatabaseError:  # the cluster's database is away; the link can be tested all the same
        return None
