"""The few pages of the project itself."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apresa.node.domain import awaits_set_up


def home(request: HttpRequest) -> HttpResponse:
    """Nobody comes here for a page: the calls are what people come for; before them, the set-up of a cluster's node."""
    if awaits_set_up() and getattr(request.user, "is_superuser", False):
        return redirect("cluster-setup")
    return redirect("calls")


@login_not_required
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin sends people here who may not enter: strangers may sign in, others are told that they have no right."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect(f"{reverse('sign-in')}?{request.GET.urlencode()}")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    sentence = _("This form is too old, or the browser keeps no cookies. Open the page again and repeat.")
    return render(request, "trouble.html", {"sentence": sentence, "code": "csrf", "technical": reason}, status=403)
