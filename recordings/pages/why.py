"""Why was this call (not) recorded? A row for each dialog that was seen, and how many there were a day."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apresa.node.domain import identity
from recordings.catalogue.why import WHY, words
from recordings.models import Kept
from recordings.pages.listing import address, chips_of, part_only, size_of
from recordings.pages.reader import reader
from recordings.queries.decisions import DecisionFilter, daily_totals, node_names, visible_decisions
from recordings.queries.filters import PERIODS
from recordings.queries.paging import SIZES, CursorError, keyset_page

FILTERS = ("number", "kept", "reason", "period", "since", "until", "no", "protocol")
DAYS = 7


@require_safe
def why(request: HttpRequest) -> HttpResponse:
    user, asked = reader(request), request.GET
    visible = visible_decisions(user)
    filters = DecisionFilter(asked, queryset=visible, request=request)
    valid = filters.is_valid()
    found = filters.qs if valid else visible.none()
    problem, size = "", size_of(asked)
    try:
        page = keyset_page(found, cursor=asked.get("cursor", ""), size=size)
    except CursorError:
        problem = _("This page link is damaged, so the list begins again.")
        page = keyset_page(found, size=size)
    chips = chips_of(filters.form, asked, FILTERS) if valid else []
    context = {
        "form": filters.form,
        "page": page,
        "rows": [(row, words(row.reason), [words(code) for code in row.remarks.split()]) for row in page.items],
        "names": _names(page.items),
        "next": address(asked, cursor=page.next),
        "previous": address(asked, cursor=page.previous),
        "problem": problem,
        "chips": chips,
        "size": size,
        "sizes": [(number, address(asked, size=str(number), cursor="")) for number in SIZES],
        "periods": PERIODS,
        "decisions": Kept.choices,
        "reasons": [(code, text.label) for code, text in WHY.items()],
        "empty": not page.items and not chips and valid,
    }
    if part_only(request):
        return render(request, "recordings/parts/why_list.html", context)
    return render(request, "recordings/why.html", {**context, "days": _days(visible)})


def _names(rows: list[Any]) -> dict[str, str]:
    """The machines' names, where more than this one has given numbers."""
    own = str(identity().uuid)
    return node_names() if any(row.node != own for row in rows) else {}


def _days(visible: Any) -> list[tuple[Any, int, list[Any]]]:
    """The last days: the day, how many dialogs, and how many of each reason."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    totals = daily_totals(visible.filter(started__gte=midnight - timedelta(days=DAYS - 1)))
    found = []
    for day, rows in groupby(totals, key=lambda total: total.day):
        parts = [(total.kept, words(total.reason).label, total.count) for total in rows]
        found.append((day, sum(count for _kept, _label, count in parts), parts))
    return found
