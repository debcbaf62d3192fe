"""The cluster at a glance, and what an administrator can do to it. Needs no database but this machine's own."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from apresa.accounts.backends import client_address
from cluster import fencing, witness
from cluster.catalogue.acts import REASONS
from cluster.domain import acting
from cluster.findings import Finding, fill
from cluster.pages.access import administrator
from cluster.pages.words import everything
from cluster.preflight import ACTS, Act
from cluster.queries.acts import preview
from cluster.queries.health import hours
from cluster.queries.state import state

LONGEST_NAME = 100
FIELDS = {"resource": LONGEST_NAME, "node": LONGEST_NAME, "host": 253, "agent": 40, "user": 64, "plug": 80}
LONGEST_PASSWORD = 200
DANGEROUS = frozenset(
    {"switchover", "start", "maintenance-on", "witness-remove", "witness-alone", "fencing-off", "fencing-remove"}
)
PASSWORDS = frozenset({"fence-password", "fence-not-kept"})


@require_safe
def cluster(request: HttpRequest) -> HttpResponse:
    administrator(request)
    return render(request, "cluster/cluster.html", {**everything(), "hours": hours()})


@require_safe
def part(request: HttpRequest) -> HttpResponse:
    """The part that the page asks for every few seconds."""
    administrator(request)
    return render(request, "cluster/parts/state.html", everything())


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, name: str) -> HttpResponse:
    """What an act will do, with its button; the button asks for it."""
    user = administrator(request)
    if name not in ACTS:
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    wanted = Act(name, **{field: given.get(field, "").strip()[:most] for field, most in FIELDS.items()})
    if request.method == "POST":
        password = given.get("password", "")[:LONGEST_PASSWORD]
        try:
            acting.ask(wanted, by=user.username, address=client_address(request), password=password)
        except acting.Refused as error:
            return _preview(request, wanted, error.reasons, status=409)
        messages.success(request, _("It has begun. Its progress is shown here."))
        return redirect(_page_of(wanted)[0])
    return _preview(request, wanted)


def _page_of(wanted: Act) -> tuple[str, str]:
    """Where its progress is followed: the page's name in `urls`, and its title."""
    if wanted.name in fencing.AGAINST:
        return "cluster-fencing", _("Fencing")
    return ("cluster-witness", _("Witness")) if wanted.name in witness.AGAINST else ("cluster", _("Cluster"))


def _preview(request: HttpRequest, wanted: Act, refused: tuple[Finding, ...] = (), status: int = 200) -> HttpResponse:
    """`refused`: why it was not begun, where the button was pressed; of these the password's are mended here."""
    found = preview(wanted, state(), _)
    again = [fill(REASONS[one.code], one.parameters, _) for one in refused if one.code in PASSWORDS]
    context = {
        "preview": found,
        "dangerous": wanted.name in DANGEROUS,
        "back": _page_of(wanted),
        "hidden": {field: getattr(wanted, field) for field in FIELDS},
        "asks_password": wanted.name == "fencing-add",
        "again": again,
    }
    return render(request, "cluster/act.html", context, status=status)
