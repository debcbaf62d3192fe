"""Calls in the admin."""

import re

import pytest
from django.contrib.admin import site
from django.test import Client

from recordings.models import Call, UserNumber
from tests.apresa.accounts.people import anna, bob

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def call(caller: str) -> Call:
    moment = "2026-03-01T12:00:00Z"
    names = {"started": moment, "ended": moment, "protocol": "sip", "end_reason": "bye"}
    return Call.objects.create(id=f"00000000-0000-0000-0000-00000000{caller}", caller=caller, callee="100", **names)


def test_every_list_and_every_row_opens(client: Client) -> None:
    user = anna()
    UserNumber.objects.create(user=user, number="2001")
    call("2001")
    client.force_login(user)
    lists = [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in site._registry]
    opened = {path: client.get(path) for path in lists}
    rows = {
        link for page in opened.values() for link in re.findall(r'href="(/admin/[^"?]*/change/)', page.content.decode())
    }
    answers = {
        **{path: page.status_code for path, page in opened.items()},
        **{row: client.get(row).status_code for row in rows},
    }
    assert {path: status for path, status in answers.items() if status != 200} == {}
    assert any(row.startswith("/admin/recordings/call/") for row in rows)


def test_call_is_neither_changed_nor_deleted_here(client: Client) -> None:
    row = call("2001")
    client.force_login(anna())
    statuses = [
        client.post(f"/admin/recordings/call/{row.pk}/{act}/", {"post": "yes"}).status_code
        for act in ("change", "delete")
    ]
    assert (statuses, Call.objects.count()) == ([403, 403], 1)


def test_listener_on_the_staff_sees_the_calls_of_own_numbers_only(client: Client) -> None:
    user = bob()
    user.is_staff = True
    user.save()
    UserNumber.objects.create(user=user, number="2001")
    mine, other = call("2001"), call("2002")
    client.force_login(user)
    page = client.get("/admin/recordings/call/").content.decode()
    assert (str(mine.pk) in page, str(other.pk) in page) == (True, False)
    assert client.get(f"/admin/recordings/call/{other.pk}/change/").status_code == 302
