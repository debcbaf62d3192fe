"""The form of one theme: what stands in its fields, and what of it is a change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from apresa.config.queries import Line, as_text, theme_title
from apresa.config.registry import BadSetting

SEEN = "seen:"
"""Before the name of a setting: the value that the page showed, so that only what was touched is changed."""
LONGEST = 4000


@dataclass(slots=True)
class Field:
    """One setting with the text in its field, which after an error is what was typed."""

    line: Line
    text: str
    error: str = ""

    @property
    def name(self) -> str:
        return self.line.entry.name

    @property
    def seen(self) -> str:
        return as_text(self.line.value)

    @property
    def kind(self) -> Literal["choice", "switch", "number", "list", "text"]:
        if self.line.entry.choices:
            return "choice"
        if isinstance(self.line.entry.default, bool):
            return "switch"
        if isinstance(self.line.entry.default, list):
            return "list"
        return "number" if isinstance(self.line.entry.default, int) else "text"

    @property
    def default(self) -> str:
        return in_words(self.line.entry.default)


class ThemeForm:
    """The settings of one theme. `typed` holds a person's answers; without it the fields show what is stored."""

    def __init__(self, theme: str, lines: list[Line], typed: Mapping[str, str] | None = None) -> None:
        self.theme, self.title = theme, theme_title(theme)
        self._typed = typed or {}
        self.fields = [Field(line, self._typed.get(line.entry.name, as_text(line.value))) for line in lines]

    @property
    def can_be_saved(self) -> bool:
        return any(not field.line.why_fixed for field in self.fields)

    @property
    def has_errors(self) -> bool:
        return any(field.error for field in self.fields)

    def changes(self) -> dict[str, Any]:
        """What the person changed, cleaned; the fields learn their errors."""
        found: dict[str, Any] = {}
        for field in self.fields:
            seen = self._typed.get(SEEN + field.name, field.seen)
            if field.text in (seen, field.seen):
                continue
            try:
                found[field.name] = self._change(field, seen)
            except BadSetting as error:
                field.error = str(error)
        return found

    def _change(self, field: Field, seen: str) -> Any:
        if len(field.text) > LONGEST:
            raise BadSetting(_("This is too long."))
        good = field.line.entry.clean(field.text)
        if field.line.why_fixed:
            raise BadSetting(field.line.why_fixed)
        if seen != field.seen:
            facts = {"who": field.line.changed_by or _("Somebody"), "value": in_words(field.line.value)}
            raise BadSetting(_("%(who)s changed this meanwhile: it is now %(value)s. Save again to overrule.") % facts)
        return good


def in_words(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return as_text(value) or _("none")
