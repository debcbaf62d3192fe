"""The people's part of a handover: rights are never merged by themselves; what differs is told, no secrets (U3)."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import Group

from apresa.accounts.models import Token, User
from apresa.handover import Alive, Kind, Record, register

FIELDS = ("password", "is_active", "is_superuser", "is_staff", "email", "first_name", "last_name")


def lacking(old: str, new: str, alive: Alive) -> Iterator[Record]:
    alive()
    there, here = _people(old), _people(new)
    for name, person in sorted(there.items()):
        if name not in here:
            yield Record("user", name, {"what": "only there"})
        elif person != here[name]:
            changed = sorted(part for part, value in person.items() if value != here[name][part])
            yield Record("user", name, {"what": "other there", "fields": changed})


def _people(alias: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        row["username"]: {**{name: row[name] for name in FIELDS}, "roles": set(), "tokens": set()}
        for row in User.objects.using(alias).values("username", *FIELDS)
    }
    names = dict(User.objects.using(alias).values_list("pk", "username"))
    roles = dict(Group.objects.using(alias).values_list("pk", "name"))
    between = User.groups.through.objects.using(alias)
    for user, group in between.values_list("user_id", "group_id"):
        found[names[user]]["roles"].add(roles[group])
    for user, prefix in Token.objects.using(alias).values_list("user_id", "prefix"):
        found[names[user]]["tokens"].add(prefix)
    return found


USERS = register(Kind("user", lacking))
