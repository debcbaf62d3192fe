"""The list of calls: newest first, filtered by what stands in the address."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from recordings.pages import words
from recordings.pages.reader import reader
from recordings.queries.calls import visible_calls
from recordings.queries.filters import PERIODS, CallFilter
from recordings.queries.paging import SIZES, SORTS, CursorError, keyset_page

MOST_COUNTED = 10_000
FILTERS = ("number", "period", "since", "until", "end_reason", "caller", "callee", "answered", "has_audio", "state")
LENGTHS = ("min_duration", "max_duration")


@dataclass(frozen=True, slots=True)
class Chip:
    """One active filter, and the address of the list without it."""

    words: str
    without: str


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
    sort, size = _sort(asked), _size(asked)
    problem = ""
    try:
        page = keyset_page(found, sort=sort, cursor=asked.get("cursor", ""), size=size)
    except CursorError:
        problem = _("This page link is damaged, so the list begins again.")
        page = keyset_page(found, sort=sort, size=size)
    chips = _chips(filters.form, asked) if valid else []
    count = found.order_by()[: MOST_COUNTED + 1].count() if page.next or page.previous else len(page.items)
    context = {
        "filters": filters,
        "form": filters.form,
        "page": page,
        "next": _address(asked, cursor=page.next),
        "previous": _address(asked, cursor=page.previous),
        "problem": problem,
        "chips": chips,
        "columns": _columns(asked, sort),
        "sort": sort,
        "size": size,
        "sizes": [(number, _address(asked, size=str(number), cursor="")) for number in SIZES],
        "periods": PERIODS,
        "count": min(count, MOST_COUNTED),
        "count_is_floor": count > MOST_COUNTED,
        "empty": not page.items and not chips and valid,
        "words": words,
    }
    name = "recordings/parts/call_list.html" if _part_only(request) else "recordings/calls.html"
    return render(request, name, context)


def _part_only(request: HttpRequest) -> bool:
    # A page that the browser restores from its history must be whole.
    details = HtmxDetails(request)
    return bool(details) and not details.history_restore_request


def _sort(asked: QueryDict) -> str:
    sort = asked.get("sort", "-started")
    return sort if sort.removeprefix("-") in SORTS else "-started"


def _size(asked: QueryDict) -> int:
    size = asked.get("size", "")
    return int(size) if size in {str(number) for number in SIZES} else SIZES[0]


def _address(asked: QueryDict, **changed: str) -> str:
    """The address of this list with some parameters set, or taken out where the new value is empty."""
    query = asked.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value:
            query[name] = value
    for name in [name for name in query if not any(query.getlist(name))]:
        del query[name]
    return "?" + query.urlencode()


def _columns(asked: QueryDict, sort: str) -> list[Column]:
    labels = {"started": _("Start"), "caller": _("From"), "callee": _("To"), "duration_ms": _("Length")}
    found = []
    for name, label in labels.items():
        order = ("descending" if sort.startswith("-") else "ascending") if sort.removeprefix("-") == name else ""
        other = name if order == "descending" or (not order and name in {"caller", "callee"}) else f"-{name}"
        found.append(Column(name, label, _address(asked, sort=other, cursor=""), order))
    return found


def _chips(form: Any, asked: QueryDict) -> list[Chip]:
    chips = []
    for name in (*FILTERS, *LENGTHS):
        value = form.cleaned_data.get(name)
        if value in (None, "", []):
            continue
        label = form.fields[name].label
        chips.append(Chip(f"{label}: {_in_words(form.fields[name], value)}", _address(asked, cursor="", **{name: ""})))
    return chips


def _in_words(field: Any, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    choices = {str(key): str(label) for key, label in getattr(field, "choices", [])}
    if isinstance(value, list):
        return ", ".join(choices.get(str(item), str(item)) for item in value)
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d %H:%M}"
    return choices.get(str(value), str(value))
