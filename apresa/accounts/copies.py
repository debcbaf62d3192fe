"""This machine's copy of the enabled administrators, for the hours when the database of users is absent."""

from typing import Any

from django.db import transaction

from apresa.accounts.models import AdministratorCopy, User

PREFERENCES = ("first_name", "last_name", "email", "time_zone", "language", "theme")


def refresh() -> int:
    """Copy all enabled administrators; how many there are. Raises a database error when `default` is absent."""
    wanted = {user.pk: _row(user) for user in User.objects.filter(is_active=True, is_superuser=True)}
    with transaction.atomic(using="node"):
        # Names are unique, and two people may have exchanged theirs: clear first.
        AdministratorCopy.objects.all().delete()
        AdministratorCopy.objects.bulk_create(AdministratorCopy(user_id=key, **row) for key, row in wanted.items())
    return len(wanted)


def _row(user: User) -> dict[str, Any]:
    preferences = {name: getattr(user, name) for name in PREFERENCES}
    return {"username": user.username, "password": user.password, "preferences": preferences}
