"""Signing in, with the database of users writable, read-only or absent."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest

from apresa import database
from apresa.accounts import throttle
from apresa.accounts.models import AdministratorCopy, User
from apresa.database import DatabaseState


class Backend(ModelBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not username or password is None:
            return None
        address = client_address(request)
        if throttle.wait_left(username, address):
            return None
        user = find_user(username=username)
        if user is None:
            User().set_password(password)  # as slow as a wrong password, so time tells nobody which names exist
        elif user.check_password(password) and self.user_can_authenticate(user):
            throttle.succeeded(username, address)
            return user
        throttle.failed(username, address)
        return None

    def get_user(self, user_id: int) -> User | None:
        user = find_user(pk=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


def find_user(**key: Any) -> User | None:
    """The user by `pk` or `username`, from this machine's copy when the database of users is absent."""
    if database.state() is not DatabaseState.ABSENT:
        try:
            return User.objects.filter(**key).first()
        except DatabaseError as error:
            if database.classify(error) is not DatabaseState.ABSENT:
                raise
            database.forget()
    copy = AdministratorCopy.objects.filter(**key).first()
    return copy.as_user() if copy else None


def client_address(request: HttpRequest | None) -> str:
    return str(request.META.get("REMOTE_ADDR") or "") if request is not None else ""
