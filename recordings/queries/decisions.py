"""What people and programs may know of the ledger. Everything begins with `visible_to`."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters as filters
from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.db.models.functions import Coalesce, Lag, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apresa.accounts.models import User
from apresa.node.domain import identity
from apresa.node.models import Activation
from recordings.catalogue.why import WHY
from recordings.models import CallAlias, Decision, DecisionCount, Kept
from recordings.models.call import NUMBER_LENGTH
from recordings.queries.filters import PERIODS, in_period

MOST_DAYS = 92
MOST_HOLES = 20


class DecisionFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Times may be given with or without an offset; without one they are in the reader's time zone."""

    number = filters.CharFilter(method="by_number", max_length=NUMBER_LENGTH, label=_("Number"))
    kept = filters.ChoiceFilter(choices=Kept.choices, label=_("Decision"))
    reason = filters.ChoiceFilter(choices=[(code, words.label) for code, words in WHY.items()], label=_("Reason"))
    period = filters.ChoiceFilter(method="by_period", choices=PERIODS, label=_("When"))
    since = filters.IsoDateTimeFilter(field_name="started", lookup_expr="gte", label=_("Started at or after"))
    until = filters.IsoDateTimeFilter(field_name="started", lookup_expr="lt", label=_("Started before"))
    no = filters.NumberFilter(field_name="number", min_value=1, max_value=1 << 62, label=_("No."))
    protocol = filters.ChoiceFilter(choices=[("sip", "SIP"), ("rtp", "RTP")], label=_("Seen as"))

    class Meta:
        model = Decision
        fields: list[str] = []

    def by_number(self, queryset: QuerySet[Decision], _name: str, value: str) -> QuerySet[Decision]:
        value = value.strip()
        return queryset.filter(Q(caller__icontains=value) | Q(callee__icontains=value))

    def by_period(self, queryset: QuerySet[Decision], _name: str, value: str) -> QuerySet[Decision]:
        return in_period(queryset, value)


@dataclass(frozen=True, slots=True)
class Total:
    """How many dialogs of one day had this decision and reason."""

    day: date
    kept: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """One node's numbers: the last that it gave, how many rows there are, and the first spans that are missing."""

    node: str
    name: str
    last: int
    rows: int
    missing: tuple[tuple[int, int], ...] = ()

    @property
    def whole(self) -> bool:
        return self.last == self.rows


def visible_decisions(user: User) -> Any:
    return Decision.objects.visible_to(user)


def find_decision(user: User, call: uuid.UUID) -> Decision:
    """The row of this call, also by an alias of it. Raises Decision.DoesNotExist, also where the user may not know."""
    visible = visible_decisions(user)
    found: Decision | None = visible.filter(pk=call).first()
    if found is None:
        alias = CallAlias.objects.filter(pk=call).values_list("call_id", flat=True).first()
        found = visible.get(pk=alias)
    return found


def daily_totals(rows: QuerySet[Decision]) -> list[Total]:
    """By the day of the reader's time zone on which the dialog started, newest first, most frequent first."""
    days = rows.order_by().annotate(day=TruncDate("started", tzinfo=timezone.get_current_timezone()))
    counted = days.values("day", "kept", "reason").annotate(count=Count("pk"))
    return [Total(**row) for row in counted.order_by("-day", "-count", "kept", "reason")]


def numbers() -> list[Numbers]:
    """Whether any number is missing, node by node. For those who may see all calls."""
    # The counters first: what is settled meanwhile has numbers beyond them.
    counters = list(DecisionCount.objects.order_by("node").values_list("node", "last"))
    names = node_names()
    found = []
    for node, last in counters:
        rows = Decision.objects.filter(node=node, number__lte=last)
        count = rows.count()
        found.append(Numbers(node, names.get(node, node), last, count, () if count == last else _missing(rows, last)))
    return found


def _missing(rows: QuerySet[Decision], last: int) -> tuple[tuple[int, int], ...]:
    """The first spans of numbers without a row."""
    before = Coalesce(Window(Lag("number"), order_by=F("number").asc()), 0)
    jumps = rows.annotate(before=before).filter(number__gt=F("before") + 1).order_by("number")
    spans = [(before + 1, number - 1) for before, number in jumps.values_list("before", "number")[:MOST_HOLES]]
    end = rows.aggregate(end=Max("number"))["end"] or 0
    return tuple([*spans, (end + 1, last)] if end < last else spans)[:MOST_HOLES]


def node_names() -> dict[str, str]:
    """The names of the machines that have stored calls, by their ids."""
    known = {str(node): name for node, name in Activation.objects.using("default").values_list("node", "name")}
    own = identity()
    return {**known, str(own.uuid): own.name}
