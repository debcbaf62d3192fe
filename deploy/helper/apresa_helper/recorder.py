"""The verb of the recording component: our own unit, and only its restart."""

from collections.abc import Mapping
from typing import Any

from apresa_helper import values
from apresa_helper.deeds import Deed, Run, Verb

SYSTEMCTL = "/bin/systemctl"
UNIT = "apresa-record.service"


def _restart(given: Mapping[str, Any]) -> Deed:
    values.only(given)
    return Run((SYSTEMCTL, "restart", UNIT), 60.0)


VERBS: Mapping[str, Verb] = {"recorder": _restart}
SECRET: frozenset[str] = frozenset()
