"""What the acts of people on calls have in common: their text, their hybrid clock, their union (PROTOCOL U1)."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apresa.shared import clock
from recordings.domain.text import clean
from recordings.models.act import TAG_LENGTH, Act

TICK = timedelta(microseconds=1)


class ActRefused(ValueError):
    """The act was not done. The text is one sentence; `field` is what to change, "" where it is none of the form's."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True, order=True)
class State:
    """What may change of an act. The greatest holds: an act that is over stays so, else the later change."""

    ended: bool
    stamp: datetime
    changed_by: str
    values: tuple[str, ...]


def united(one: State, other: State) -> State:
    """Commutative, associative, idempotent: whichever node merges, in whatever order."""
    return max(one, other)


def later_than(last: datetime | None) -> datetime:
    """Now, or just after the last change where this machine's clock is behind it."""
    now = clock.now()
    return now if last is None or now > last else last + TICK


def change(act: Act, by: str, *, ended: bool = False, **values: str) -> None:
    """Write a change of an act that was read under a lock."""
    act.stamp, act.changed_by, act.ended = later_than(act.stamp), by, ended
    for name, value in values.items():
        setattr(act, name, value)
    act.save(update_fields=["stamp", "changed_by", "ended", *values])


def begun(by: str) -> dict[str, object]:
    """The columns that every new act has."""
    now = clock.now()
    return {"by": by, "at": now, "stamp": now}


def read_text(text: object, longest: int, field: str, *, empty: bool = False) -> str:
    """What somebody typed, with line ends as they are kept. Raises ActRefused."""
    if not isinstance(text, str):
        raise ActRefused(_("Write some text."), field)
    found = clean(text, len(text)).replace("\r\n", "\n").replace("\r", "\n").strip()
    if not found and not empty:
        raise ActRefused(_("Write some text."), field)
    if len(found) > longest:
        sentence = ngettext(
            "This is too long: at most %(most)d character.", "This is too long: at most %(most)d characters.", longest
        )
        raise ActRefused(sentence % {"most": longest}, field)
    return found


def read_line(text: object, longest: int, field: str) -> str:
    """One line, with single spaces. Raises ActRefused."""
    found = " ".join(read_text(text, 10 * longest, field).split())
    if any(unicodedata.category(letter) == "Cc" for letter in found):
        raise ActRefused(_("This holds a character that cannot be printed."), field)
    return read_text(found, longest, field)


def read_tag(text: object) -> str:
    """A tag as it is compared: one line in small letters. Raises ActRefused."""
    line = read_line(text, TAG_LENGTH, "word")
    return read_line(unicodedata.normalize("NFC", line.lower()), TAG_LENGTH, "word")
