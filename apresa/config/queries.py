"""The settings as people and programs see them: value, default, who set it, and whether it can be changed here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apresa.config import domain, registry
from apresa.config.registry import Entry

THEMES: dict[str, str | Promise] = {
    "recording": _("Recordings"),
    "storage": _("Storage"),
    "capture": _("Capture"),
    "cluster": _("Cluster"),
    "licence": _("Licence"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One setting. Without `changed_at` its default holds; `why_fixed` is "" when this machine may change it."""

    entry: Entry
    value: Any
    changed_at: datetime | None
    changed_by: str
    why_fixed: str

    @property
    def label(self) -> str:
        return str(self.entry.label or self.entry.name)

    @property
    def words(self) -> str:
        """Everything that a search may find, in small letters."""
        parts = (self.entry.name, self.label, self.entry.help, theme_title(self.entry.theme), as_text(self.value))
        return " ".join([*map(str, parts), *self.entry.choices]).casefold()


def lines(*names: str) -> list[Line]:
    """All settings by name, or those of these names. Raises BadSetting for a name that no setting has."""
    entries = [registry.entry(name) for name in names] or registry.entries()
    rows = domain.stored(entries)
    # One answer serves a whole page: each asks who is the primary, and how the database is.
    reasons = {entry.scope: domain.why_fixed(entry) for entry in {entry.scope: entry for entry in entries}.values()}
    found = []
    for entry in entries:
        row = rows.get(entry.name)
        when, who = (row.changed_at, row.changed_by) if row else (None, "")
        found.append(Line(entry, domain.value_of(entry, row), when, who, reasons[entry.scope]))
    return found


def themes() -> list[str]:
    """The themes that have settings; those that this module does not know come last."""
    there = {entry.theme for entry in registry.entries()}
    return [theme for theme in THEMES if theme in there] + sorted(there - set(THEMES))


def theme_title(theme: str) -> str:
    return str(THEMES.get(theme, theme.capitalize()))


def as_text(value: Any) -> str:
    """The value as it stands in a form; `Entry.clean` takes it back."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
