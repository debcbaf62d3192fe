"""The witness: what is seen of it, and where it is added and removed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cluster.pages.access import administrator
from cluster.pages.words import last_act, tell
from cluster.queries.state import state
from cluster.queries.witness import witness_state
from cluster.witness import AGAINST

FINDINGS = frozenset({"witness-lost", "witness-unreachable", "witness-one-sided", "witness-not-obeyed", "no-quorum"})


@require_safe
def witness(request: HttpRequest) -> HttpResponse:
    administrator(request)
    found = state()
    told = [tell(one) for one in found.judgement.findings if one.code in FINDINGS]
    alone = any(one.code == "no-quorum" for one in found.judgement.findings)
    context = {"state": found, "witness": witness_state(found), "findings": told, "alone": alone, **last_act(AGAINST)}
    return render(request, "cluster/witness.html", context)
