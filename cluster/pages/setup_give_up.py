"""Giving a set-up up: what that will do, and the button that does it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apresa.accounts.backends import client_address
from cluster.domain import setup
from cluster.domain.setup import SetupRefused
from cluster.pages.access import administrator
from cluster.queries.setup import setup_state
from cluster.queries.setup_review import review_giving_up, sentence
from cluster.queries.setup_told import kept_answers
from cluster.setup.validate import Fault

PAGE = "cluster-setup"


@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest) -> HttpResponse:
    """What will be taken back, and what stays; then it begins."""
    user = administrator(request)
    if request.method != "POST":
        reason = setup.against_giving_up()
        return _review(request, () if reason is None else (Fault("", reason),))
    try:
        setup.give_up(by=user.username, address=client_address(request))
    except SetupRefused as error:
        return _review(request, error.faults, 400)
    return redirect(PAGE)


def _review(request: HttpRequest, faults: tuple[Fault, ...], status: int = 200) -> HttpResponse:
    found, answers = setup_state(), kept_answers()
    context = {
        "review": review_giving_up(answers, found.role, found, _) if answers and not faults else None,
        "answers": answers,
        "faults": [sentence(one, _) for one in faults],
    }
    return render(request, "cluster/setup/give_up.html", context, status=status)
