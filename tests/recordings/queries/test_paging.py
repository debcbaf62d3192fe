"""Keyset pages: every call once, in order, from both ends."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.models import Call
from recordings.queries.paging import SORTS, CursorError, decode, keyset_page

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("sort", [f"{sign}{name}" for name in SORTS for sign in ("", "-")])
@pytest.mark.parametrize("size", [1, 2, 5, 20])
def test_pages_hold_every_call_once_and_lead_back_to_the_first(sort: str, size: int) -> None:
    Call.objects.bulk_create(
        Call(
            id=uuid.UUID(int=number),
            protocol="sip",
            caller=str(number % 3),
            callee="",
            started=NOW + timedelta(microseconds=number // 4),
            ended=NOW,
            duration_ms=number % 2,
        )
        for number in range(11)
    )
    field = sort.removeprefix("-")
    falling = sort.startswith("-")
    expected = sorted(Call.objects.all(), key=lambda call: (getattr(call, field), call.id), reverse=falling)
    pages = [keyset_page(Call.objects.all(), sort=sort, size=size)]
    while pages[-1].next:
        pages.append(keyset_page(Call.objects.all(), sort=sort, size=size, cursor=pages[-1].next))
    assert [call.id for page in pages for call in page.items] == [call.id for call in expected]
    back = pages[-1]
    for page in reversed(pages[:-1]):
        back = keyset_page(Call.objects.all(), sort=sort, size=size, cursor=back.previous)
        assert [call.id for call in back.items] == [call.id for call in page.items]
    assert back.previous == ""


@settings(deadline=None)
@given(st.text(max_size=300), st.sampled_from(SORTS))
def test_any_cursor_is_understood_or_refused_with_one_error(cursor: str, field: str) -> None:
    try:
        decode(cursor, field)
    except CursorError:
        return


@pytest.mark.django_db
def test_a_cursor_of_another_order_is_refused() -> None:
    Call.objects.bulk_create(
        Call(id=uuid.UUID(int=number), protocol="sip", started=NOW, ended=NOW) for number in range(2)
    )
    cursor = keyset_page(Call.objects.all(), sort="caller", size=1).next
    with pytest.raises(CursorError):
        keyset_page(Call.objects.all(), sort="-started", cursor=cursor)


@pytest.mark.django_db
def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(CursorError):
        keyset_page(Call.objects.all(), sort="problem")
