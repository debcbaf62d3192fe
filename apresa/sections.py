"""Sections of the system page that rooms bring along, so that no room knows another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Section:
    """`data` is called when the page is shown; the template finds what it returns as `section`."""

    name: str
    title: str | Promise
    template: str
    data: Callable[[], Any]


_sections: dict[str, Section] = {}


def register(section: Section) -> Section:
    """Add a section; the page shows them in order of registration."""
    _sections[section.name] = section
    return section


def shown() -> list[tuple[Section, Any]]:
    return [(section, section.data()) for section in _sections.values()]
