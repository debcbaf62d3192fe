"""Signing in and out, with the database of users there and absent."""

import pytest
from django.test import Client

from apresa import database
from apresa.accounts import copies
from apresa.accounts.models import AdministratorCopy, LastLogon, User
from apresa.audit.models import Entry
from apresa.database import DatabaseState
from tests.apresa.accounts.people import PASSWORD, anna, bob

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def sign_in(client: Client, name: str, password: str = PASSWORD) -> tuple[int, str]:
    response = client.post("/sign-in/", {"username": name, "password": password})
    form = getattr(response, "context", None) and response.context.get("form")
    return response.status_code, " ".join(form.non_field_errors()) if form else ""


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.ABSENT)
    database.forget()


def test_right_password_signs_in_and_is_remembered_on_this_machine(client: Client) -> None:
    user = anna()
    assert sign_in(client, "anna") == (302, "")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert LastLogon.objects.get().user_id == user.pk


def test_wrong_password_gets_one_sentence(client: Client) -> None:
    anna()
    sentence = "This name and password do not belong together. Mind upper and lower case."
    assert sign_in(client, "anna", "wrong") == (200, sentence)


def test_unknown_name_gets_the_same_sentence(client: Client) -> None:
    sentence = "This name and password do not belong together. Mind upper and lower case."
    assert sign_in(client, "nobody", "wrong") == (200, sentence)


def test_disabled_user_gets_the_same_sentence(client: Client) -> None:
    user = anna()
    user.is_active = False
    user.save()
    sentence = "This name and password do not belong together. Mind upper and lower case."
    assert sign_in(client, "anna") == (200, sentence)


def test_fifth_wrong_password_says_how_long_to_wait(client: Client) -> None:
    anna()
    answers = [sign_in(client, "anna", "wrong")[1] for _ in range(5)]
    assert answers[4] == "Too many wrong passwords. Try again in 30 seconds."


def test_right_password_during_the_wait_is_refused_with_the_time_left(client: Client) -> None:
    anna()
    for _ in range(5):
        sign_in(client, "anna", "wrong")
    status, sentence = sign_in(client, "anna")
    assert (status, sentence.startswith("Too many wrong passwords. Try again in ")) == (200, True)


def test_sign_in_and_refusal_are_audited_in_order(client: Client) -> None:
    anna()
    sign_in(client, "anna", "wrong")
    sign_in(client, "anna")
    client.post("/sign-out/")
    entries = Entry.objects.using("node").order_by("number").values_list("action", "actor")
    assert list(entries)[1:] == [("sign-in-refused", "anna"), ("sign-in", "anna"), ("sign-out", "anna")]


def test_try_during_the_wait_is_not_audited(client: Client) -> None:
    anna()
    for _ in range(8):
        sign_in(client, "anna", "wrong")
    assert Entry.objects.using("node").filter(action="sign-in-refused").count() == 5


def test_listener_is_told_that_the_admin_is_not_for_them(client: Client) -> None:
    bob()
    sign_in(client, "bob")
    assert client.get("/admin/", follow=True).status_code == 403


def test_stranger_at_the_admin_may_sign_in(client: Client) -> None:
    anna()
    page = client.get("/admin/", follow=True)
    assert [path for path, _ in page.redirect_chain] == ["/admin/login/?next=/admin/", "/sign-in/?next=%2Fadmin%2F"]


def test_cookie_kept_from_before_the_sign_out_is_refused(client: Client) -> None:
    anna()
    sign_in(client, "anna")
    kept = client.cookies["apresa_session"].value
    client.post("/sign-out/")
    client.cookies["apresa_session"] = kept
    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")


def test_new_password_ends_the_sessions_of_the_old_one(client: Client) -> None:
    user = anna()
    sign_in(client, "anna")
    user.set_password("another long phrase")
    user.save()
    assert client.get("/admin/").status_code == 302


def test_administrator_signs_in_while_the_users_are_absent(client: Client, absent: None) -> None:
    User.objects.create_user("anna", password=PASSWORD, is_superuser=True, is_staff=True)
    copies.refresh()
    User.objects.all().delete()
    assert sign_in(client, "anna") == (302, "")


def test_listener_is_told_why_not_while_the_users_are_absent(client: Client, absent: None) -> None:
    bob()
    copies.refresh()
    sentence = "This did not work. The database of users cannot be reached, so only administrators can sign in."
    assert sign_in(client, "bob") == (200, sentence)


def test_copy_follows_the_administrators(django_capture_on_commit_callbacks: object) -> None:
    one, two = anna(), bob()
    two.is_superuser = True
    two.save()
    copies.refresh()
    names = [set(AdministratorCopy.objects.values_list("username", flat=True))]
    one.is_active = False
    one.save()
    copies.refresh()
    names.append(set(AdministratorCopy.objects.values_list("username", flat=True)))
    assert names == [{"anna", "bob"}, {"bob"}]


@pytest.mark.django_db(databases=["default", "node"], transaction=True)
def test_copy_is_made_when_an_administrator_is_saved() -> None:
    anna()
    assert list(AdministratorCopy.objects.values_list("username", flat=True)) == ["anna"]
