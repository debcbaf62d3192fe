"""What lists have in common: filters, order and page stand in the address."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from recordings.queries.paging import SIZES


@dataclass(frozen=True, slots=True)
class Chip:
    """One active filter, and the address of the list without it."""

    words: str
    without: str


def part_only(request: HttpRequest) -> bool:
    # A page that the browser restores from its history must be whole.
    details = HtmxDetails(request)
    return bool(details) and not details.history_restore_request


def size_of(asked: QueryDict) -> int:
    size = asked.get("size", "")
    return int(size) if size in {str(number) for number in SIZES} else SIZES[0]


def address(asked: QueryDict, **changed: str) -> str:
    """The address of this list with some parameters set, or taken out where the new value is empty."""
    query = asked.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value:
            query[name] = value
    for name in [name for name in query if not any(query.getlist(name))]:
        del query[name]
    return "?" + query.urlencode()


def chips_of(form: Any, asked: QueryDict, names: tuple[str, ...]) -> list[Chip]:
    """The filters that are in use, in this order."""
    chips = []
    for name in names:
        value = form.cleaned_data.get(name)
        if value in (None, "", []):
            continue
        label = form.fields[name].label
        chips.append(Chip(f"{label}: {_in_words(form.fields[name], value)}", address(asked, cursor="", **{name: ""})))
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
