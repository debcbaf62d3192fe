"""Verbs of a recovery: the database anew from the other node, the agent's marks, bans, DRBD's parted copies.

What takes several deeds with looks between them is a step (`steps`), a program of its own: for root in a shell, too.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from apresa_helper import rejoining, values
from apresa_helper.deeds import Deed, Run, Verb
from apresa_helper.questions import CONNECTION, PSQL

CRM_RESOURCE = "/usr/sbin/crm_resource"
STEP = ("/usr/bin/python3", "-I", "-S", str(Path(__file__).resolve().parents[1]), "recover")
DAY = 86_400.0
KEY = re.compile(r"[0-9a-f]{8}", re.ASCII)
DATABASE = "ms_postgresql"


def _step(*words: str, seconds: float = 180.0, alone: bool = True) -> Run:
    return Run((*STEP, *words), seconds, alone=alone)


def _plain(action: str, seconds: float = 180.0) -> Verb:
    def build(given: Mapping[str, Any]) -> Deed:
        values.only(given)
        return _step(action, seconds=seconds)

    return build


def _key(value: object) -> str:
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise values.Refused("A recovery is named by eight hexadecimal digits.")
    return value


def _copy(given: Mapping[str, Any]) -> Deed:
    """Takes as long as the database is large, so other changes go on beside it; it has a lock of its own."""
    values.only(given, "address", "key")
    return _step("copy", values.address(given["address"]), _key(given["key"]), seconds=DAY, alone=False)


def _swap(given: Mapping[str, Any]) -> Deed:
    values.only(given, "key", "ticket")
    return _step("swap", _key(given["key"]), _key(given["ticket"]))


def _rejoin(given: Mapping[str, Any]) -> Deed:
    """The agent's mark of a primary goes, where the files are those that the other node goes on from."""
    values.only(given, "system", "timeline", "position", "fork")
    system = values.matching(rejoining.SYSTEM, given["system"], "a database is named by its system identifier")
    timeline = values.number(given["timeline"], "timeline", 1, 2**32 - 1)
    rule = "a position is two hexadecimal numbers with a slash between them"
    position, fork = (values.matching(rejoining.POSITION, given[name], rule) for name in ("position", "fork"))
    return _step("rejoin", system, str(timeline), position, fork, seconds=60.0)


def _kept(action: str) -> Verb:
    """The old database of a recovery: started to be read, and stopped again."""

    def build(given: Mapping[str, Any]) -> Deed:
        values.only(given, "ticket")
        return _step(action, _key(given["ticket"]))

    return build


def _ban(given: Mapping[str, Any]) -> Deed:
    """Keep the database, or only its promotion, off a node."""
    values.only(given, "node", "promotion")
    only = ("--promoted",) if values.switch(given["promotion"], "promotion") else ()
    return Run((CRM_RESOURCE, "--ban", "-r", DATABASE, "-N", values.node(given["node"]), *only, "-Q"), 60.0)


def _clear(given: Mapping[str, Any]) -> Deed:
    values.only(given, "node")
    return Run((CRM_RESOURCE, "--clear", "-r", DATABASE, "-N", values.node(given["node"]), "-Q"), 60.0)


def _other(given: Mapping[str, Any]) -> Deed:
    """Who the other node's server is, asked as a replica asks."""
    values.only(given, "address")
    where = CONNECTION.format(address=values.address(given["address"]))
    argv = (*PSQL, "-A", "-t", "-d", where, "-c", "IDENTIFY_SYSTEM", "-c", "SHOW in_hot_standby")
    return Run(argv, 10.0, changes=False)


def _other_history(given: Mapping[str, Any]) -> Deed:
    values.only(given, "address", "timeline")
    where = CONNECTION.format(address=values.address(given["address"]))
    timeline = values.number(given["timeline"], "timeline", 2, 2**32 - 1)
    return Run((*PSQL, "-A", "-t", "-d", where, "-c", f"TIMELINE_HISTORY {timeline}"), 10.0, changes=False)


VERBS: Mapping[str, Verb] = {
    "agent-marks": _plain("marks"),
    "ban": _ban,
    "clear-ban": _clear,
    "database-again": _copy,
    "database-primary": _plain("primary"),
    "database-start": _plain("start"),
    "database-stop": _plain("stop"),
    "database-swap": _swap,
    "first-mark": _plain("first"),
    "kept-close": _kept("kept-close"),
    "kept-open": _kept("kept-open"),
    "kept-read": _kept("kept-read"),
    "other-database": _other,
    "other-history": _other_history,
    "promotable": _plain("promotable"),
    "rejoin": _rejoin,
    "recordings-discard": _plain("discard"),
}
SECRET: frozenset[str] = frozenset()
