"""Which table lives in which database: `default` (the cluster's) or `node` (this machine's, always writable)."""

from typing import Any

from django.db.models import Model

NODE_APPS = frozenset({"node", "events", "cluster"})
NODE_MODELS = frozenset(
    {
        "accounts.administratorcopy",
        "accounts.endedsession",
        "accounts.lastlogon",
        "accounts.logonthrottle",
        "accounts.tokenuse",
    }
)
# The same table in both: a job, a setting or an audit entry belongs to the machine or to the cluster, row by row.
# An activation is known in both, so that a node still knows its own when the cluster's database is discarded.
BOTH = frozenset({"audit.entry", "config.setting", "jobs.job", "node.activation"})


def database_of(app_label: str, model_name: str) -> str:
    """ "node", "default" or "both" for a model's lower-case label."""
    label = f"{app_label}.{model_name}"
    if label in BOTH:
        return "both"
    return "node" if app_label in NODE_APPS or label in NODE_MODELS else "default"


class Router:
    """Django's database router over `database_of`; rows of "both" tables name their database with `using`."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return self._place(model, hints)

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return self._place(model, hints)

    def allow_relation(self, first: Model, second: Model, **_hints: Any) -> bool:
        return self._place(first.__class__, {}) == self._place(second.__class__, {})  # not type(): request.user is lazy

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **_hints: Any) -> bool:
        if model_name is None:
            return True
        return database_of(app_label, model_name) in (db, "both")

    def _place(self, model: type[Model], hints: dict[str, Any]) -> str:
        meta = model._meta  # noqa: SLF001 -- Django's public interface, for all its underscore
        place = database_of(meta.app_label, meta.model_name or "")
        if place != "both":
            return place
        instance = hints.get("instance")
        return getattr(getattr(instance, "_state", None), "db", None) or "default"
