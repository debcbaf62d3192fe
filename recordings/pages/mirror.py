"""Is my mirror right? What was heard in the last hours, judged."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from recordings.catalogue.mirror import tell
from recordings.mirror.judge import judge, worst
from recordings.mirror.types import Level
from recordings.queries.mirror import HOURS, gather

PERIODS = {1: _("Last hour"), HOURS: _("Last 24 hours"), 7 * HOURS: _("Last 7 days")}


@require_safe
def mirror(request: HttpRequest) -> HttpResponse:
    if not request.user.is_staff:
        raise PermissionDenied
    asked = request.GET.get("hours", "")
    hours = int(asked) if asked in {str(period) for period in PERIODS} else HOURS
    findings = judge(gather(hours))
    rows = sorted(((one, tell(one)) for one in findings), key=lambda row: -row[0].level)
    context = {
        "rows": rows,
        "good": worst(findings) is Level.GOOD,
        "bad": sum(one.level is Level.BAD for one in findings),
        "periods": [(period, label, period == hours) for period, label in PERIODS.items()],
    }
    return render(request, "recordings/mirror.html", context)
