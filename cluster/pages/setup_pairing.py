"""The second machine: its code on the primary's page, and on its own page what is done with it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from apresa.accounts.backends import client_address
from apresa.accounts.models import User
from cluster.catalogue.pairing import retold
from cluster.domain import setup
from cluster.domain.setup import SetupRefused
from cluster.pages.access import administrator
from cluster.pages.setup import PAGE
from cluster.pairing import domain as pairing
from cluster.pairing import listening
from cluster.pairing.primary import PORT
from cluster.pairing.secondary import PairingError
from cluster.queries.pairing import pairing_state, told
from cluster.queries.setup import setup_state
from cluster.queries.setup_review import begun, may_offer, review_secondary, sentence
from cluster.queries.setup_told import kept_answers

LONGEST = 300
JOIN = "cluster-setup-secondary"


@require_safe
def pairing_part(request: HttpRequest) -> HttpResponse:
    """Asked for every two seconds while the code is shown; when it is over the whole page is another one."""
    administrator(request)
    found = pairing_state()
    if found.state != "open":
        return HttpResponseClientRefresh()
    return render(request, "cluster/setup/parts/pairing.html", {"pairing": told(found, _)})


@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """A new code, or none any more."""
    user = administrator(request)
    address = client_address(request)
    if "cancel" in request.POST:
        pairing.cancel(by=user.username, address=address)
    elif not may_offer(setup_state()):
        messages.error(request, _("First this machine must be set up as the primary, to the end."))
    else:
        try:
            listening.show(by=user.username, address=address)
        except PairingError as error:
            messages.error(request, retold(str(error), _))
    return redirect(PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
def secondary(request: HttpRequest) -> HttpResponse:
    """Asks for the code; once paired, shows what the primary was asked, and begins."""
    user = administrator(request)
    if begun(setup_state()):
        return redirect(PAGE)
    if pairing_state().peer is not None:
        return _agreed(request, user)
    return _join(request, user) if request.method == "POST" else render(request, "cluster/setup/secondary.html")


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Before anything is set up here: part from a primary that was the wrong one."""
    user = administrator(request)
    if begun(setup_state()):
        messages.error(request, _("This machine is a node of a cluster; the pairing is part of it."))
        return redirect(PAGE)
    pairing.forget(by=user.username, address=client_address(request))
    return redirect(JOIN)


def _join(request: HttpRequest, user: User) -> HttpResponse:
    address, typed = (request.POST.get(name, "")[:LONGEST].strip() for name in ("address", "code"))
    if not address:
        return _again(request, address, typed, "address", _("Type the address that the primary shows beside its code."))
    try:
        pairing.join(address, PORT, typed, by=user.username, asked_from=client_address(request))
    except PairingError as error:
        if pairing_state().peer is None:  # else another click was faster
            return _again(request, address, typed, error.field, retold(str(error), _), error.wait)
    return redirect(JOIN)


def _again(request: HttpRequest, address: str, typed: str, field: str, said: str, wait: float = 0.0) -> HttpResponse:
    context = {"address": address, "code": typed, "faults": {field: said}, "wait": round(wait)}
    return render(request, "cluster/setup/secondary.html", context, status=400)


def _agreed(request: HttpRequest, user: User) -> HttpResponse:
    answers = kept_answers()
    status = 200
    faults = setup.faults("secondary", answers) if answers else ()
    if request.method == "POST" and answers:
        try:
            setup.ask_secondary(by=user.username, address=client_address(request))
        except SetupRefused as error:
            faults, status = error.faults, 400
        else:
            return redirect(PAGE)
    context = {
        "peer": pairing_state().peer,
        "answers": answers,
        "review": review_secondary(answers, _) if answers else None,
        "faults": [sentence(fault, _) for fault in faults],
    }
    return render(request, "cluster/setup/agreed.html", context, status=status)
