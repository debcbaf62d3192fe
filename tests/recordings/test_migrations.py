"""What an update does with the roles that an installation has."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connections

from apresa.accounts import roles

pytestmark = pytest.mark.django_db(databases=["default", "node"])
migration = import_module("recordings.migrations.0004_notes_tags_holds")
silences = import_module("recordings.migrations.0005_silences")


def run(alias: str) -> None:
    migration.give_supervisors_the_right(apps, SimpleNamespace(connection=connections[alias]))


def test_supervisors_may_write_notes_after_the_update_and_nobody_may_hold() -> None:
    group = roles.group("supervisor")
    listeners = roles.group("listener")
    group.permissions.remove(*group.permissions.filter(codename="note_call"))
    run("default")
    run("default")
    assert group.permissions.filter(codename="note_call").count() == 1
    new = ("note_call", "hold_call", "release_hold")
    given = Group.objects.filter(permissions__codename__in=new).values_list("name", flat=True)
    assert (list(given), listeners.permissions.count()) == (["supervisor"], 3)


def test_right_is_made_where_django_has_not_made_it_yet() -> None:
    group = roles.group("supervisor")
    Permission.objects.filter(codename="note_call").delete()
    run("default")
    assert group.permissions.get(codename="note_call").name == "Can write notes on calls and tag them"


def test_database_of_the_node_and_one_without_roles_are_left_alone() -> None:
    run("node")
    run("default")
    assert Group.objects.count() == 0


def test_compliance_may_do_what_a_supervisor_may_and_hold_and_release() -> None:
    supervisor, compliance = (
        set(roles.group(name).permissions.values_list("codename", flat=True)) for name in ("supervisor", "compliance")
    )
    assert compliance - supervisor == {"hold_call", "release_hold", "export_evidence"}
    assert supervisor <= compliance


def test_every_role_may_silence_its_calls_after_the_update() -> None:
    groups = [roles.group(name) for name in ("listener", "supervisor", "compliance")]
    Permission.objects.filter(codename="silence_call").delete()
    silences.give_the_roles_their_right(apps, SimpleNamespace(connection=connections["default"]))
    assert [group.permissions.filter(codename="silence_call").count() for group in groups] == [1, 1, 1]


def test_roles_may_verify_and_export_after_the_update() -> None:
    groups = {name: roles.group(name) for name in ("supervisor", "compliance", "listener")}
    new = Permission.objects.filter(codename__in=("verify_call", "export_evidence"))
    for group in groups.values():
        group.permissions.remove(*new)
    evidence = import_module("recordings.migrations.0006_evidence")
    evidence.give_roles_the_rights(apps, SimpleNamespace(connection=connections["default"]))
    found = {
        name: set(group.permissions.filter(pk__in=new).values_list("codename", flat=True))
        for name, group in groups.items()
    }
    assert found == {"supervisor": {"verify_call"}, "compliance": {"verify_call", "export_evidence"}, "listener": set()}
