"""Rows of the ledger."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from apresa.node.domain import identity
from recordings.models import Call, Decision, DecisionCount, State, Tombstone

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


def ledger_faults() -> list[str]:
    """What is not as it must be, once all is settled: numbers without gap, and a line for each call and each tombstone
    of a call, with parties exactly where something is stored."""
    said = []
    for node, last in DecisionCount.objects.values_list("node", "last"):
        found = sorted(Decision.objects.filter(node=node).values_list("number", flat=True))
        if found != list(range(1, last + 1)):
            said.append(f"numbers of {node}: {found} of {last}")
    lines = {row.pk: row for row in Decision.objects.all()}
    calls = set(Call.objects.values_list("pk", flat=True))
    graves = set(Tombstone.objects.filter(keys__isnull=False).values_list("pk", flat=True))
    said += [f"no line: {name}" for name in (calls | graves) - set(lines)]
    said += [f"not stored: {name}" for name, row in lines.items() if row.kept == "recorded" and not row.erased_at
             and name not in calls]  # fmt: skip
    said += [f"not erased: {name}" for name in graves & set(lines) if lines[name].caller and lines[name].erased_at]
    return said + [f"not recorded: {name}" for name in calls & set(lines) if lines[name].kept != "recorded"]


def line_of(number: int, call: Call) -> Decision:
    """The line of a stored call, made up from its row: what a recording's render would have told is left out."""
    kept, reason, detail, remarks = "recorded", "whole", "", ""
    if call.state == State.FAILED:
        kept, reason, detail = "pending", "failed", call.problem[:300]
    elif not call.has_audio:
        kept, reason, detail = "not-recorded", "no-media" if call.answered else "not-answered", call.why_no_audio
    elif call.gaps:
        reason, remarks = "in-part", "in-part one-side"
    facts = {"kept": kept, "reason": reason, "detail": detail, "remarks": remarks, "answered": bool(call.answered)}
    parties = {"protocol": call.protocol, "caller": call.caller, "callee": call.callee}
    own = str(identity().uuid)
    place = {"node": own, "heard_by": own, "started": call.started, "ended": call.ended}
    return make_decision(number, pk=call.pk, **facts, **parties, **place)
