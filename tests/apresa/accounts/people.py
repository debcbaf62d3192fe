"""The people of the tests: anna administers, carl supervises, bob listens."""

from apresa.accounts.domain import add_user
from apresa.accounts.models import User

PASSWORD = "a long enough phrase"


def person(name: str, role: str) -> User:
    return add_user(username=name, password=PASSWORD, role=role, by="test")


def anna() -> User:
    return person("anna", "administrator")


def bob() -> User:
    return person("bob", "listener")
