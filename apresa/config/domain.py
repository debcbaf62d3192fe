"""Reading and changing the settings of the registry."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
from apresa.node.domain import identity
from apresa.node.models import NodeIdentity, Role
from apresa.shared import clock


class NotHere(RuntimeError):
    """This machine may not change that setting; the text says where it can be changed."""


def get(name: str) -> Any:
    """The value of a setting. Of the cluster's settings this machine knows a copy, for when `default` is absent."""
    entry = registry.entry(name)
    return value_of(entry, stored([entry]).get(name))


def value_of(entry: Entry, row: Setting | None) -> Any:
    """The value that holds, given what is stored."""
    if row is None:
        return entry.default
    try:
        return entry.clean(row.value)
    except BadSetting:  # stored by a release that knew other values
        return entry.default


def set(name: str, value: Any, *, by: str, address: str = "") -> Any:  # noqa: A001 -- config.set reads best
    """Change a setting; returns the value as stored. Raises BadSetting or NotHere."""
    return set_all({name: value}, by=by, address=address)[name]


def set_all(values: dict[str, Any], *, by: str, address: str = "") -> dict[str, Any]:
    """Change several settings, all or none; returns the values as stored. Raises BadSetting or NotHere."""
    good = {name: registry.entry(name).clean(value) for name, value in values.items()}
    with _changing([registry.entry(name) for name in good]):
        for name, value in good.items():
            before = get(name)
            changes = {"value": value, "changed_at": clock.now(), "changed_by": by}
            for using in _places(registry.entry(name)):
                Setting.objects.using(using).update_or_create(name=name, defaults=changes)
            audit.record(by, "setting-changed", name, address=address, before=before, after=value)
    return good


def reset(name: str, *, by: str, address: str = "") -> Any:
    """Back to the default, which is returned; nothing is stored any more. Raises BadSetting or NotHere."""
    entry = registry.entry(name)
    with _changing([entry]):
        before = get(name)
        gone = [Setting.objects.using(using).filter(name=name).delete()[0] for using in _places(entry)]
        if any(gone):
            audit.record(by, "setting-reset", name, address=address, before=before, after=entry.default)
    return entry.default


def why_fixed(entry: Entry) -> str:
    """Why this machine may not change the setting, or ""."""
    if entry.scope == "node":
        return ""
    node = identity()
    if not node.is_active:
        return _why_not_active(node)
    if database.state() is not DatabaseState.WRITABLE:
        return _("This setting belongs to the cluster, and the cluster's database cannot be written now.")
    return ""


def _why_not_active(node: NodeIdentity) -> str:
    where = _("Change it on %(address)s.") % {"address": node.primary_address}
    if node.role != Role.PRIMARY:
        reason = _("This setting belongs to the cluster, and this machine is its secondary.")
        elsewhere = where if node.primary_address else _("Change it on the primary.")
        return f"{reason} {elsewhere}"
    if node.primary_address:  # the other node has taken over
        reason = _("This setting belongs to the cluster, and this machine is not active now.")
        return f"{reason} {where}"
    return _("This setting belongs to the cluster, and this machine is not active now: see the page Cluster.")


def refresh_copy() -> None:
    """Copy the cluster's settings to this machine. Raises a database error when `default` is absent."""
    names = [entry.name for entry in registry.entries() if entry.scope == "cluster"]
    rows = list(Setting.objects.using("default").filter(name__in=names))
    with transaction.atomic(using="node"):
        Setting.objects.using("node").filter(name__in=names).delete()
        for row in rows:
            row.save(using="node", force_insert=True)


def stored(entries: Iterable[Entry]) -> dict[str, Setting]:
    """What was ever set, by name; of the cluster's settings this machine's copy when `default` is absent."""
    names: dict[str, list[str]] = {"node": [], "cluster": []}
    for entry in entries:
        names[entry.scope].append(entry.name)
    if names["cluster"] and database.state() is not DatabaseState.ABSENT:
        try:
            rows = Setting.objects.using("default").in_bulk(names["cluster"])
        except DatabaseError as error:
            if database.classify(error) is not DatabaseState.ABSENT:
                raise
            database.forget()
        else:
            return rows | Setting.objects.using("node").in_bulk(names["node"])
    return Setting.objects.using("node").in_bulk(names["cluster"] + names["node"])


def _places(entry: Entry) -> tuple[str, ...]:
    return ("node",) if entry.scope == "node" else ("default", "node")


@contextmanager
def _changing(entries: list[Entry]) -> Iterator[None]:
    """All changes of the block, or none. Raises NotHere before it, when one of the settings may not be changed."""
    for entry in entries:
        if reason := why_fixed(entry):
            raise NotHere(reason)
    with transaction.atomic(using="node"):
        if any(entry.scope == "cluster" for entry in entries):
            with transaction.atomic(using="default"):
                yield
        else:
            yield
