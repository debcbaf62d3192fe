"""A process that ends before its n-th step that touches the disk or tells the audit trail."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apresa.audit import domain as audit
from apresa.handover import sealed


class Killed(BaseException):
    """The process ends here, without a farewell."""


STEPS: tuple[tuple[Any, str], ...] = (
    (os, "fsync"),
    (Path, "rename"),
    (sealed, "check"),
    (sealed, "records"),
    (audit, "record"),
)
"""Before each of these, whoever calls it, the process may end; beside the transactions' own commits."""


def killed_before(number: int, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> bool:
    """Whether it was killed; False: there are fewer steps."""
    left = [number]

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return step(*given, **named)

        return run

    with monkeypatch.context() as patch:
        for owner, name in STEPS:
            patch.setattr(owner, name, counted(getattr(owner, name)))
        try:
            act()
        except Killed:
            return True
    return False
