"""Fencing: whose power can be cut, and where the switch is set up, asked and taken away."""

from collections.abc import Mapping
from types import MappingProxyType

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_safe

from cluster.fencing import AGAINST, AGENTS
from cluster.pages.access import administrator
from cluster.pages.words import last_act, tell
from cluster.queries.fencing import fencing_state
from cluster.queries.state import state

FINDINGS = frozenset({"fencing-not-ready", "node-unclean"})
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "fence_ipmilan": gettext_noop("Management board (IPMI 2.0)"),
        "fence_virsh": gettext_noop("Libvirt host, by ssh"),
        "fence_vmware_rest": gettext_noop("VMware vCenter"),
    }
)


@require_safe
def fencing(request: HttpRequest) -> HttpResponse:
    administrator(request)
    found = state()
    told = fencing_state(found)
    context = {
        "state": found,
        "fencing": told,
        "own": next((line for line in told.nodes if line.here), None),
        "both_ready": bool(told.nodes) and all(line.state == "ready" for line in told.nodes),
        "agents": [(agent, gettext(TITLES[agent]), agent in told.installed) for agent in AGENTS],
        "findings": [tell(one) for one in found.judgement.findings if one.code in FINDINGS],
        **last_act(AGAINST),
    }
    return render(request, "cluster/fencing.html", context)
