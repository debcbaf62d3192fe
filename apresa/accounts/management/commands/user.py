"""`user`: add people, give them a new password, make API tokens. Passwords come on standard input."""

import getpass
import sys
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apresa.accounts import domain, tokens
from apresa.accounts.models import User
from apresa.accounts.roles import ROLES
from apresa.shared import clock

BY = "command line"


class Command(BaseCommand):
    help = "Add people, give them a new password, make API tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        add = acts.add_parser("add", help="Add a user.")
        password = acts.add_parser("password", help="Give a user a new password.")
        token = acts.add_parser("token", help="Make an API token and print it, once.")
        for act in (add, password, token):
            act.add_argument("name")
        add.add_argument("--role", choices=ROLES, default="listener")
        for act in (add, password):
            act.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
        token.add_argument("--token-name", default="command line")
        token.add_argument("--write", action="store_true", help="a token that may change things")
        token.add_argument("--days", type=int, help="days until it expires")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            {"add": self._add, "password": self._password, "token": self._token}[options["act"]](options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None

    def _add(self, options: dict[str, Any]) -> None:
        password = _read_password(from_stdin=options["password_stdin"])
        domain.add_user(username=options["name"], password=password, role=options["role"], by=BY)
        self.stdout.write(f"{options['name']} was added as {options['role']}.")

    def _password(self, options: dict[str, Any]) -> None:
        user = _find(options["name"])
        domain.change_password(user, _read_password(from_stdin=options["password_stdin"]), by=BY)
        self.stdout.write(f"{user.username} has a new password.")

    def _token(self, options: dict[str, Any]) -> None:
        expires = clock.now() + timedelta(days=options["days"]) if options["days"] else None
        user = _find(options["name"])
        _, secret = tokens.create(user=user, name=options["token_name"], may_write=options["write"], expires_at=expires)
        self.stdout.write(secret)


def _find(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user called {name}.")
    return user


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline(1000).rstrip("\n")
    if not sys.stdin.isatty():
        raise CommandError("Give the password on standard input with --password-stdin, or start this in a terminal.")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("The same again: "):
        raise CommandError("The two passwords differ.")
    return first
