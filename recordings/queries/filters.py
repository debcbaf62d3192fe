"""The one set of filters for the list of calls, in pages and in the API."""

from datetime import timedelta
from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apresa.accounts.models import User
from recordings.domain.holds import may_see
from recordings.models import Call, HeldCall, Hold, Note, State, Tag
from recordings.models.act import TAG_LENGTH
from recordings.models.call import NUMBER_LENGTH
from recordings.queries.acts import on_hold

END_REASONS = [
    ("bye", _("Hung up")),
    ("cancel", _("Given up by the caller")),
    ("rejected", _("Refused")),
    ("redirected", _("Redirected")),
    ("timeout", _("Fell silent")),
    ("capture_end", _("The capture ended")),
]
PERIODS = [
    ("hour", _("Last hour")),
    ("today", _("Today")),
    ("yesterday", _("Yesterday")),
    ("week", _("Last 7 days")),
    ("month", _("Last 30 days")),
]


def in_period(rows: QuerySet[Any], period: str) -> QuerySet[Any]:
    """The rows that started in one of PERIODS, by the reader's clock."""
    now = timezone.localtime()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    begin = {
        "hour": now - timedelta(hours=1),
        "today": midnight,
        "yesterday": midnight - timedelta(days=1),
        "week": midnight - timedelta(days=6),
        "month": midnight - timedelta(days=29),
    }[period]
    found = rows.filter(started__gte=begin)
    return found.filter(started__lt=midnight) if period == "yesterday" else found


def holds_shown(request: HttpRequest | None) -> QuerySet[Hold]:
    """The holds that somebody may ask for; none for those who may not know of them."""
    user = getattr(request, "user", None)
    found: QuerySet[Hold] = Hold.objects.all() if isinstance(user, User) and may_see(user) else Hold.objects.none()
    return found


class CallFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Times may be given with or without an offset; without one they are in the reader's time zone."""

    number = filters.CharFilter(
        method="by_number",
        max_length=NUMBER_LENGTH,
        label=_("Number"),
        help_text=_("Any part of either number or name"),
    )
    caller = filters.CharFilter(lookup_expr="icontains", max_length=NUMBER_LENGTH, label=_("From"))
    callee = filters.CharFilter(lookup_expr="icontains", max_length=NUMBER_LENGTH, label=_("To"))
    period = filters.ChoiceFilter(method="by_period", choices=PERIODS, label=_("When"))
    since = filters.IsoDateTimeFilter(field_name="started", lookup_expr="gte", label=_("Started at or after"))
    until = filters.IsoDateTimeFilter(field_name="started", lookup_expr="lt", label=_("Started before"))
    end_reason = filters.MultipleChoiceFilter(choices=END_REASONS, label=_("How it ended"))
    answered = filters.BooleanFilter(field_name="answered", lookup_expr="isnull", exclude=True, label=_("Answered"))
    has_audio = filters.BooleanFilter(label=_("Has audio"))
    state = filters.ChoiceFilter(choices=State.choices, label=_("State"))
    min_duration = filters.NumberFilter(
        method="by_min_duration", min_value=0, max_value=10**9, label=_("At least this long, in seconds")
    )
    max_duration = filters.NumberFilter(
        method="by_max_duration", min_value=0, max_value=10**9, label=_("At most this long, in seconds")
    )
    tag = filters.CharFilter(method="by_tag", max_length=TAG_LENGTH, label=_("Tag"))
    note = filters.CharFilter(
        method="by_note", max_length=200, label=_("Note"), help_text=_("Any part of what is noted on the call")
    )
    on_hold = filters.BooleanFilter(
        method="by_on_hold", label=_("On hold"), help_text=_("No call at all for who may not see holds")
    )
    hold = filters.ModelChoiceFilter(method="by_hold", queryset=holds_shown, label=_("Hold"))

    class Meta:
        model = Call
        fields: list[str] = []

    def by_tag(self, queryset: QuerySet[Call], _name: str, value: str) -> QuerySet[Call]:
        word = " ".join(value.lower().split())
        return queryset.filter(Exists(Tag.objects.filter(call=OuterRef("pk"), ended=False, word=word)))

    def by_note(self, queryset: QuerySet[Call], _name: str, value: str) -> QuerySet[Call]:
        found = Note.objects.filter(call=OuterRef("pk"), ended=False, text__icontains=value.strip())
        return queryset.filter(Exists(found))

    def by_on_hold(self, queryset: QuerySet[Call], _name: str, value: bool) -> QuerySet[Call]:
        if not may_see(self.request.user):
            return queryset.none()
        return queryset.filter(on_hold() if value else ~on_hold())

    def by_hold(self, queryset: QuerySet[Call], _name: str, value: Hold) -> QuerySet[Call]:
        return queryset.filter(Exists(HeldCall.objects.filter(call=OuterRef("pk"), ended=False, hold=value)))

    def by_number(self, queryset: QuerySet[Call], _name: str, value: str) -> QuerySet[Call]:
        value = value.strip()
        return queryset.filter(
            Q(caller__icontains=value)
            | Q(callee__icontains=value)
            | Q(caller_name__icontains=value)
            | Q(callee_name__icontains=value)
        )

    def by_period(self, queryset: QuerySet[Call], _name: str, value: str) -> QuerySet[Call]:
        return in_period(queryset, value)

    def by_min_duration(self, queryset: QuerySet[Call], _name: str, value: Any) -> QuerySet[Call]:
        return queryset.filter(duration_ms__gte=int(value * 1000))

    def by_max_duration(self, queryset: QuerySet[Call], _name: str, value: Any) -> QuerySet[Call]:
        return queryset.filter(duration_ms__lte=int(value * 1000))
