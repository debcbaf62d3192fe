"""The list of calls: newest first, filtered by what stands in the address."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recordings.domain.holds import may_see
from recordings.pages import words
from recordings.pages.listing import address, chips_of, part_only, size_of
from recordings.pages.reader import reader
from recordings.queries.calls import visible_calls
from recordings.queries.filters import PERIODS, CallFilter
from recordings.queries.paging import SIZES, SORTS, CursorError, keyset_page

MOST_COUNTED = 10_000
FILTERS = ("number", "period", "since", "until", "end_reason", "caller", "callee", "answered", "has_audio", "state")
ACTS = ("tag", "note", "on_hold", "hold")
LENGTHS = ("min_duration", "max_duration")


@dataclass(frozen=True, slots=True)
class Column:
    """A heading that sorts: `order` is ascending, descending or empty, for aria-sort too."""

    name: str
    label: str
    address: str
    order: str


@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    asked = request.GET
    visible = visible_calls(user)
    filters = CallFilter(asked, queryset=visible, request=request)
    valid = filters.is_valid()
    found = filters.qs if valid else visible.none()
    sort, size = _sort(asked), size_of(asked)
    problem = ""
    try:
        page = keyset_page(found, sort=sort, cursor=asked.get("cursor", ""), size=size)
    except CursorError:
        problem = _("This page link is damaged, so the list begins again.")
        page = keyset_page(found, sort=sort, size=size)
    chips = chips_of(filters.form, asked, (*FILTERS, *ACTS, *LENGTHS)) if valid else []
    count = found.order_by()[: MOST_COUNTED + 1].count() if page.next or page.previous else len(page.items)
    context = {
        "filters": filters,
        "form": filters.form,
        "page": page,
        "next": address(asked, cursor=page.next),
        "previous": address(asked, cursor=page.previous),
        "problem": problem,
        "chips": chips,
        "columns": _columns(asked, sort),
        "sort": sort,
        "size": size,
        "sizes": [(number, address(asked, size=str(number), cursor="")) for number in SIZES],
        "periods": PERIODS,
        "count": min(count, MOST_COUNTED),
        "count_is_floor": count > MOST_COUNTED,
        "empty": not page.items and not chips and valid,
        "words": words,
        "may_see_holds": may_see(user),
    }
    name = "recordings/parts/call_list.html" if part_only(request) else "recordings/calls.html"
    return render(request, name, context)


def _sort(asked: QueryDict) -> str:
    sort = asked.get("sort", "-started")
    return sort if sort.removeprefix("-") in SORTS else "-started"


def _columns(asked: QueryDict, sort: str) -> list[Column]:
    labels = {"started": _("Start"), "caller": _("From"), "callee": _("To"), "duration_ms": _("Length")}
    found = []
    for name, label in labels.items():
        order = ("descending" if sort.startswith("-") else "ascending") if sort.removeprefix("-") == name else ""
        other = name if order == "descending" or (not order and name in {"caller", "callee"}) else f"-{name}"
        found.append(Column(name, label, address(asked, sort=other, cursor=""), order))
    return found
