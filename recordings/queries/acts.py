"""What people noted on calls, and which holds lie on them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from apresa.accounts.models import User
from recordings.domain.holds import may_see
from recordings.models import Call, CallQuerySet, Contest, HeldCall, Hold, Note, Tag

MOST_OFFERED = 20
MOST_RELEASED = 50  # holds that are over, on their page


def with_marks(calls: CallQuerySet, user: User) -> CallQuerySet:
    """For lists: the tags of each in one more query; `on_hold` only for those who may see holds."""
    found: CallQuerySet = calls.prefetch_related(
        Prefetch("tags", Tag.objects.filter(ended=False).order_by("word"), to_attr="tags_in_use")
    )
    if may_see(user):
        found = found.annotate(on_hold=on_hold())
    return found


def on_hold() -> Exists:
    return Exists(HeldCall.objects.filter(call=OuterRef("pk"), ended=False, hold__ended=False))


def words_on(call: Call) -> list[str]:
    """The tags of a call, each once."""
    rows: Iterable[Tag] | None = getattr(call, "tags_in_use", None)
    if rows is None:
        rows = Tag.objects.filter(call=call, ended=False)
    return sorted({row.word for row in rows})


def notes_on(call: Call) -> QuerySet[Note]:
    found: QuerySet[Note] = Note.objects.filter(call=call, ended=False)
    return found


def holds_on(call: Call) -> list[Hold]:
    """The holds that keep it now, each once."""
    return list(Hold.objects.filter(ended=False, held__call=call, held__ended=False).distinct().order_by("name", "id"))


def tags_offered(calls: CallQuerySet, typed: str) -> list[str]:
    """Words in use on calls that somebody may see, the most frequent first."""
    begun = " ".join(typed.lower().split())[:100].replace("\0", "")
    rows = Tag.objects.filter(ended=False, word__contains=begun, call__in=calls.order_by().values("pk"))
    counted = rows.order_by().values("word").annotate(count=Count("call", distinct=True))
    return [row["word"] for row in counted.order_by("-count", "word")[:MOST_OFFERED]]


def holds_with_counts() -> QuerySet[Any]:
    """Each with `calls`: how many it keeps, or kept when it was released."""
    return Hold.objects.annotate(calls=Count("held__call", filter=Q(held__ended=False), distinct=True))


def active_holds() -> QuerySet[Any]:
    return holds_with_counts().filter(ended=False)


def released_holds() -> QuerySet[Any]:
    """The last ones, the newest release first."""
    return holds_with_counts().filter(ended=True).order_by("-stamp", "id")[:MOST_RELEASED]


def open_contests(user: User) -> list[Contest]:
    """The calls that somebody must decide on, oldest first."""
    calls = Call.objects.visible_to(user)
    rows = Contest.objects.filter(decided_at=None, call__in=calls.order_by().values("pk"))
    return list(rows.select_related("call").order_by("at", "pk"))


def contest_on(call: Call) -> Contest | None:
    return Contest.objects.filter(call=call, decided_at=None).first()
