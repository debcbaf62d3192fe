"""`manage.py user`."""

import io

import pytest
from django.core.management import CommandError, call_command

from apresa.accounts import tokens
from apresa.accounts.models import User

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def user(monkeypatch: pytest.MonkeyPatch, *arguments: str, stdin: str = "a long enough phrase\n") -> str:
    output = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    call_command("user", *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.parametrize(
    ("role", "facts"),
    [("administrator", (True, [])), ("supervisor", (False, ["supervisor"])), ("listener", (False, ["listener"]))],
)
def test_added_user_has_its_role(monkeypatch: pytest.MonkeyPatch, role: str, facts: tuple[bool, list[str]]) -> None:
    assert user(monkeypatch, "add", "eva", "--role", role, "--password-stdin") == f"eva was added as {role}.\n"
    eva = User.objects.get(username="eva")
    assert (eva.is_superuser, [group.name for group in eva.groups.all()]) == facts
    assert eva.check_password("a long enough phrase")


def test_listener_may_listen_but_not_see_all_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    user(monkeypatch, "add", "eva", "--role", "listener", "--password-stdin")
    eva = User.objects.get(username="eva")
    rights = [
        eva.has_perm(f"recordings.{name}") for name in ("view_call", "listen_call", "view_all_calls", "delete_call")
    ]
    assert rights == [True, True, False, False]


@pytest.mark.parametrize(
    ("arguments", "stdin", "sentence"),
    [
        (("add", "eva", "--password-stdin"), "short\n", "This password is too short"),
        (("add", "e v a", "--password-stdin"), "a long enough phrase\n", "Enter a valid username"),
        (("password", "nobody", "--password-stdin"), "a long enough phrase\n", "There is no user called nobody."),
        (("add", "eva"), "", "Give the password on standard input"),
    ],
)
def test_bad_input_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], stdin: str, sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        user(monkeypatch, *arguments, stdin=stdin)
    assert User.objects.count() == 0


def test_name_that_is_taken_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    user(monkeypatch, "add", "eva", "--password-stdin")
    with pytest.raises(CommandError, match="already exists"):
        user(monkeypatch, "add", "eva", "--password-stdin")


def test_token_is_printed_and_works(monkeypatch: pytest.MonkeyPatch) -> None:
    user(monkeypatch, "add", "eva", "--password-stdin")
    secret = user(monkeypatch, "token", "eva", "--write").strip()
    token = tokens.find(secret)
    assert (token is not None and token.user.username, token is not None and token.may_write) == ("eva", True)
