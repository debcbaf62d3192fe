"""The set-up screen: two machines become a cluster. Needs no database but this machine's own."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from apresa.accounts.backends import client_address
from cluster.domain import setup
from cluster.domain.setup import SetupRefused
from cluster.pages import setup_form
from cluster.pages.access import administrator
from cluster.pages.setup_words import progress, stands
from cluster.queries.pairing import pairing_state
from cluster.queries.setup import setup_state
from cluster.queries.setup_defaults import defaults, machine
from cluster.queries.setup_review import begun, review_primary, sentence
from cluster.queries.setup_told import kept_answers
from cluster.setup.answers import Answers
from cluster.setup.validate import Fault

PAGE = "cluster-setup"


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Where the set-up stands: not begun, under way, failed, or done and what comes next."""
    administrator(request)
    found = setup_state()
    if not (found.state or begun(found)):
        return render(request, "cluster/setup/choice.html", {"pairing": pairing_state()})
    return render(request, "cluster/setup/setup.html", {**progress(found), **stands(request, found)})


@require_safe
def progress_part(request: HttpRequest) -> HttpResponse:
    """Asked for every two seconds while it goes on; when it has ended the whole page is another one."""
    administrator(request)
    found = progress(setup_state())
    if not found["under_way"]:
        return HttpResponseClientRefresh()
    return render(request, "cluster/setup/parts/progress.html", found)


@require_http_methods(["GET", "HEAD", "POST"])
def primary(request: HttpRequest) -> HttpResponse:
    """The questions; then what will be done; then it begins."""
    user = administrator(request)
    if begun(setup_state()):
        return redirect(PAGE)
    if request.method != "POST":
        return _questions(request, _earlier() or defaults(machine(), split_domain_port(request.get_host())[0]))
    answers = setup_form.typed(request.POST)
    step = request.POST.get("step", "")
    if step == "edit":
        return _questions(request, answers)
    if step != "apply":
        faults = setup.faults("primary", answers)
        return _questions(request, answers, faults) if faults else _review(request, answers)
    try:
        setup.ask_primary(answers, by=user.username, address=client_address(request))
    except SetupRefused as error:
        return _questions(request, answers, error.faults)
    return redirect(PAGE)


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Go on after a failure: each step looks first, so what is done stays as it is."""
    user = administrator(request)
    try:
        setup.again(by=user.username, address=client_address(request))
    except SetupRefused as error:
        messages.error(request, " ".join(sentence(fault, _) for fault in error.faults))
    return redirect(PAGE)


def _earlier() -> Answers | None:
    """What an earlier set-up of this machine as the first one was asked for."""
    answers = kept_answers()
    return replace(answers, size="") if answers and pairing_state().peer is None else None


def _questions(request: HttpRequest, answers: Answers, faults: tuple[Fault, ...] = ()) -> HttpResponse:
    here = machine()
    context = {"form": setup_form.form(answers, here, faults), "machine": here, "answers": answers}
    return render(request, "cluster/setup/primary.html", context, status=400 if faults else 200)


def _review(request: HttpRequest, answers: Answers) -> HttpResponse:
    context = {"review": review_primary(answers, _), "hidden": setup_form.flat(answers), "answers": answers}
    return render(request, "cluster/setup/review.html", context)
