"""Reading and changing the settings of the registry."""

from typing import Any

from django.db import transaction
from django.db.utils import Error as DatabaseError
from django.utils.translation import gettext as _

from apresa import database
from apresa.audit import domain as audit
from apresa.config import registry
from apresa.config.models import Setting
from apresa.config.registry import BadSetting, Entry
from apresa.database import DatabaseState
from apresa.node.domain import identity, is_active
from apresa.shared import clock


class NotHere(RuntimeError):
    """This machine may not change that setting; the text says where it can be changed."""


def get(name: str) -> Any:
    """The value of a setting. Of the cluster's settings this machine knows a copy, for when `default` is absent."""
    entry = registry.entry(name)
    row = _find(entry)
    if row is None:
        return entry.default
    try:
        return entry.clean(row.value)
    except BadSetting:  # stored by a release that knew other values
        return entry.default


def set(name: str, value: Any, *, by: str, address: str = "") -> Any:  # noqa: A001 -- config.set reads best
    """Change a setting; returns the value as stored. Raises BadSetting or NotHere."""
    entry = registry.entry(name)
    good = entry.clean(value)
    if reason := why_fixed(entry):
        raise NotHere(reason)
    before = get(name)
    using = "node" if entry.scope == "node" else "default"
    changes = {"value": good, "changed_at": clock.now(), "changed_by": by}
    Setting.objects.using(using).update_or_create(name=name, defaults=changes)
    if using == "default":
        Setting.objects.using("node").update_or_create(name=name, defaults=changes)
    audit.record(by, "setting-changed", name, address=address, before=before, after=good)
    return good


def why_fixed(entry: Entry) -> str:
    """Why this machine may not change the setting, or ""."""
    if entry.scope == "node":
        return ""
    if not is_active():
        primary = identity().primary_address
        where = _("Change it on %(address)s.") % {"address": primary} if primary else _("Change it on the primary.")
        return _("This setting belongs to the cluster, and this machine is its secondary.") + " " + where
    if database.state() is not DatabaseState.WRITABLE:
        return _("This setting belongs to the cluster, and the cluster's database cannot be written now.")
    return ""


def refresh_copy() -> None:
    """Copy the cluster's settings to this machine. Raises a database error when `default` is absent."""
    names = [entry.name for entry in registry.entries() if entry.scope == "cluster"]
    rows = list(Setting.objects.using("default").filter(name__in=names))
    with transaction.atomic(using="node"):
        Setting.objects.using("node").filter(name__in=names).delete()
        for row in rows:
            row.save(using="node", force_insert=True)


def _find(entry: Entry) -> Setting | None:
    if entry.scope == "cluster" and database.state() is not DatabaseState.ABSENT:
        try:
            return Setting.objects.using("default").filter(name=entry.name).first()
        except DatabaseError as error:
            if database.classify(error) is not DatabaseState.ABSENT:
                raise
            database.forget()
    return Setting.objects.using("node").filter(name=entry.name).first()
