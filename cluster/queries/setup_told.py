"""How far the set-up has come, for programs: API and `cluster_setup status --json` say the same."""

from dataclasses import asdict
from typing import Any

from django.conf import settings

from apresa.node.domain import identity, why_fixed
from cluster.pairing.domain import store
from cluster.pairing.store import StoreError
from cluster.queries.setup import setup_state
from cluster.setup.answers import Answers


def kept_answers() -> Answers | None:
    """What the last set-up was asked for, as far as it can be read."""
    try:
        return store().answers()
    except (StoreError, OSError):
        return None


def setup_as_data() -> dict[str, Any]:
    found = setup_state()
    agreed = kept_answers()
    steps = [
        {**asdict(step), "commands": [dict(zip(("argv", "code", "said"), one, strict=True)) for one in step.commands]}
        for step in found.steps
    ]
    return {
        "role": identity().role,
        "installed_for": settings.APRESA.installed_for,
        "state": found.state,
        "percent": found.percent,
        "error": found.error,
        "steps": steps,
        "gives_up": found.gives_up,
        "untouched": found.untouched,
        "agreed": asdict(agreed) if agreed else None,
        "why_fixed": why_fixed(),
    }
