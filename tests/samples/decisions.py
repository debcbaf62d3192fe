"""Rows of the ledger."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from recordings.models import Decision, DecisionCount

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
NODE = "5f0c1c1e-0000-4000-8000-000000000001"


def make_decision(number: int, **changes: Any) -> Decision:
    """Number n is of a call from 10n to 200, n minutes before NOW, recorded whole."""
    facts: dict[str, Any] = {
        "node": NODE,
        "protocol": "sip",
        "caller": f"10{number}",
        "callee": "200",
        "started": NOW - timedelta(minutes=number),
        "ended": NOW,
        "answered": True,
        "kept": "recorded",
        "reason": "whole",
        "heard_by": NODE,
        "at": NOW,
    }
    row = Decision.objects.create(**{"pk": uuid.uuid4(), "number": number, **facts, **changes})
    counter, _ = DecisionCount.objects.get_or_create(node=row.node)
    counter.last = max(counter.last, number)
    counter.save()
    return row
