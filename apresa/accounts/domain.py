"""Making and changing people."""

from django.contrib.auth import password_validation
from django.db import transaction

from apresa.accounts import roles
from apresa.accounts.models import User
from apresa.audit import domain as audit


@transaction.atomic
def add_user(*, username: str, password: str, role: str, by: str) -> User:
    """A new user with a role. Raises django.core.exceptions.ValidationError for a bad name or password."""
    user = User(username=User.normalize_username(username))
    _give_role(user, role)
    user.full_clean(exclude=["password"])
    _set_password(user, password)
    user.save()
    if role != "administrator":
        user.groups.set([roles.group(role)])
    audit.record(by, "user-added", username, role=role)
    return user


def change_password(user: User, password: str, *, by: str) -> None:
    """A new password; all sessions of the old one end. Raises ValidationError."""
    _set_password(user, password)
    user.save(update_fields=["password"])
    audit.record(by, "password-changed", user.username)


def _set_password(user: User, password: str) -> None:
    password_validation.validate_password(password, user)
    user.set_password(password)


def _give_role(user: User, role: str) -> None:
    user.is_superuser = user.is_staff = role == "administrator"
