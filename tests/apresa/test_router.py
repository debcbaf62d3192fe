"""Which table lives where."""

import pytest
from django.apps import apps
from django.db import connections

from apresa import router
from apresa.accounts.models import LastLogon, User
from apresa.audit.models import Entry
from apresa.events.models import Event
from apresa.router import Router


def test_every_named_model_exists() -> None:
    known = {f"{model._meta.app_label}.{model._meta.model_name}" for model in apps.get_models()}
    assert (router.NODE_MODELS | router.BOTH) - known == set()


@pytest.mark.parametrize(
    ("model", "place"), [(User, "default"), (LastLogon, "node"), (Event, "node"), (Entry, "default")]
)
def test_rows_go_to_this_database(model: type[User], place: str) -> None:
    assert (Router().db_for_read(model), Router().db_for_write(model)) == (place, place)


def test_row_of_a_shared_table_stays_where_it_came_from() -> None:
    entry = Entry()
    entry._state.db = "node"
    assert Router().db_for_write(Entry, instance=entry) == "node"


@pytest.mark.django_db(databases=["default", "node"])
def test_each_database_has_its_own_tables_only() -> None:
    names = {name: set(connections[name].introspection.table_names()) for name in ("default", "node")}
    shared = {"audit_entry", "config_setting", "jobs_job", "node_activation", "django_migrations"}
    assert names["default"] & names["node"] == shared
    assert {"accounts_user", "recordings_call"} - names["default"] == set()
    assert {"node_nodeidentity", "events_event", "accounts_endedsession"} - names["node"] == set()
