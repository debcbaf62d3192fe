"""The settings' part of a handover: the survivor's hold, and what was set otherwise on the other side is told (U3)."""

from collections.abc import Iterator
from typing import Any

from apresa.config import registry
from apresa.config.models import Setting
from apresa.handover import Alive, Kind, Record, register

LONGEST = 200  # characters of a value that people read


def lacking(old: str, new: str, alive: Alive) -> Iterator[Record]:
    """Also one that was set here and not there; a setting of this release that was never changed has no row."""
    alive()
    names = [entry.name for entry in registry.entries() if entry.scope == "cluster"]
    there, here = (_values(alias, names) for alias in (old, new))
    for name in names:
        if there.get(name) != here.get(name):
            yield Record("setting", name, {"there": _told(there.get(name)), "here": _told(here.get(name))})


def _values(alias: str, names: list[str]) -> dict[str, Any]:
    return dict(Setting.objects.using(alias).filter(name__in=names).values_list("name", "value"))


def _told(value: object) -> str:
    return "–" if value is None else str(value)[:LONGEST]


SETTINGS = register(Kind("setting", lacking))
