"""The account page: preferences, password, tokens."""

import re

import pytest
from django.test import Client

from apresa import database
from apresa.accounts import tokens
from apresa.accounts.models import Token, User
from apresa.audit.models import Entry
from apresa.database import DatabaseState
from tests.apresa.accounts.people import PASSWORD, anna, bob

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.READ_ONLY)
    database.forget()


def test_account_is_for_people_who_signed_in() -> None:
    assert Client().get("/account/").status_code == 302
    assert signed_in(bob()).get("/account/").status_code == 200


def test_preferences_are_saved_and_rule_the_next_page() -> None:
    user = bob()
    client = signed_in(user)
    chosen = {"language": "nl", "time_zone": "Europe/Amsterdam", "theme": "dark"}
    assert client.post("/account/preferences/", chosen).status_code == 302
    user.refresh_from_db()
    assert (user.language, user.time_zone, user.theme) == ("nl", "Europe/Amsterdam", "dark")
    text = client.get("/account/").content.decode()
    assert '<html lang="nl" data-theme="dark" data-bs-theme="dark">' in text


@pytest.mark.parametrize(("name", "value"), [("language", "xx"), ("time_zone", "Mars/Base"), ("theme", "pink")])
def test_preferences_that_do_not_exist_are_refused(name: str, value: str) -> None:
    user = bob()
    chosen = {"language": "", "time_zone": "", "theme": "auto", name: value}
    assert signed_in(user).post("/account/preferences/", chosen).status_code == 400
    user.refresh_from_db()
    assert (user.language, user.time_zone, user.theme) == ("", "", "auto")


@pytest.mark.parametrize(
    ("after", "target"),
    [("/calls/?number=1", "/calls/?number=1"), ("https://evil.example/", "/account/"), ("", "/account/")],
)
def test_theme_returns_to_the_page_one_was_on_and_to_no_other_site(after: str, target: str) -> None:
    response = signed_in(bob()).post("/account/theme/", {"theme": "dark", "next": after})
    assert response["Location"] == target
    assert User.objects.get().theme == "dark"


def test_token_is_shown_once_and_works() -> None:
    user = bob()
    client = signed_in(user)
    response = client.post("/account/tokens/", {"name": "report", "days": "30"})
    shown = re.search(r'<code id="secret">([^<]+)', response.content.decode())
    assert shown
    found = tokens.find(shown[1])
    assert found is not None
    assert (found.user_id, found.name, found.may_write, found.expires_at is not None) == (
        user.pk,
        "report",
        False,
        True,
    )
    assert response["Cache-Control"] == "no-store"
    assert shown[1] not in client.get("/account/").content.decode()
    assert Entry.objects.using("node").get(action="token-created").object == found.prefix


def test_token_of_another_person_cannot_be_revoked() -> None:
    token, _secret = tokens.create(user=anna(), name="hers")
    client = signed_in(bob())
    assert client.post(f"/account/tokens/{token.pk}/revoke/").status_code == 302
    assert Token.objects.filter(pk=token.pk).exists()


def test_revoked_token_is_found_no_more() -> None:
    user = bob()
    token, secret = tokens.create(user=user, name="mine")
    signed_in(user).post(f"/account/tokens/{token.pk}/revoke/")
    assert tokens.find(secret) is None


def test_password_changes_and_the_session_goes_on() -> None:
    user = bob()
    client = signed_in(user)
    assert client.post("/account/password/", {"old": PASSWORD, "new": "quite another phrase"}).status_code == 302
    user.refresh_from_db()
    assert user.check_password("quite another phrase")
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [("wrong", "quite another phrase", "This is not your present password."), (PASSWORD, "short", "too short")],
)
def test_password_is_refused_with_the_reason(old: str, new: str, sentence: str) -> None:
    user = bob()
    response = signed_in(user).post("/account/password/", {"old": old, "new": new})
    assert (response.status_code, sentence in response.content.decode()) == (400, True)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_account_opens_on_a_copy_of_the_database_and_offers_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(bob())
    read_only(monkeypatch)
    text = client.get("/account/").content.decode()
    assert '<button class="btn btn-primary" type="submit" disabled>' in text
