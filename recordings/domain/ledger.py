"""The ledger: a numbered row for each dialog that was settled, written in the transaction that settles it.

Numbers have no gap: they are given under the lock of the node's own counter, and go with the transaction if it fails.
What a standby hears and may not write waits in its spool, and is numbered by the node that settles it.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef, Q

from apresa.shared import clock
from recordings.domain import rows, verdict
from recordings.domain.text import clean
from recordings.domain.verdict import Seen, Verdict
from recordings.models import Call, Decision, DecisionCount, Tombstone, Why
from recordings.pipeline.render.request import RenderResult
from recordings.pipeline.spool.calls import CallFile
from recordings.pipeline.spool.layout import sessions

LEAST_GAP_NS = 1_000_000
_DAMAGED = uuid.UUID("f2f0a5c2-6d0e-4d0b-9f0e-2d3a5a5f7b11")
_PARTS = ("protocol", "caller", "callee", "started", "ended", "policy")


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be written of one dialog. `fresh`: it changes a row that is there; `absorbed`: calls that it took."""

    call: uuid.UUID
    verdict: Verdict
    fields: dict[str, Any]
    view: str = ""
    fresh: bool = True
    absorbed: tuple[uuid.UUID, ...] = field(default=())


def of_version(name: uuid.UUID, call: CallFile, view: str, result: RenderResult, *, missing: bool) -> Line:
    """A call with a new version; `call` is the union of all views, `view` the node of the newest."""
    audible = [row for row in result.streams if row.packets and row.codec not in rows.NOTHING]
    seen = replace(
        _seen(call),
        has_audio=result.audio is not None,
        why_no_audio=result.why_no_audio,
        packets=sum(row.packets for row in result.streams),
        sides=len({row.side or row.source for row in audible}),
        lost=sum(row.lost for row in audible),
        missing=missing,
    )
    counts = {"streams": len(result.streams), "packets": seen.packets}
    return Line(name, verdict.decide(seen), {**_facts(call), **counts}, view)


def of_known(call: CallFile, row: Call) -> Line:
    """Another view of a stored call; its row is only written where the call is older than the ledger."""
    seen = replace(_seen(call), has_audio=row.has_audio, why_no_audio=row.why_no_audio)
    return Line(row.pk, verdict.decide(seen), _facts(call), call.node, fresh=False)


def of_refusal(name: uuid.UUID, call: CallFile) -> Line:
    return Line(name, verdict.refused(call.reason), _facts(call), call.node)


def of_buried(grave: uuid.UUID, call: CallFile) -> Line:
    """A view of a call that is never stored again. Nothing of it is kept but its times, as with the deleted call."""
    by_rule = Tombstone.objects.filter(pk=grave, why=Why.RULE).exists()
    facts = {**_facts(call), "caller": "", "callee": ""}
    return Line(grave, verdict.refused(call.reason) if by_rule else verdict.DELETED, facts, call.node, fresh=False)


def of_failure(name: uuid.UUID, call: CallFile, why: str) -> Line:
    return Line(name, verdict.failed(why), _facts(call), call.node)


def of_damaged(node: str, path: Path) -> Line:
    """A call file that nobody can read; its time is that of the file."""
    at = datetime.fromtimestamp(path.stat().st_mtime, rows.EPOCH.tzinfo)
    name = uuid.uuid5(_DAMAGED, f"{node}/{path.parents[2].name}/{path.name}")
    return Line(name, replace(verdict.DAMAGED, detail=path.name), {"started": at, "ended": at}, node, fresh=False)


def damaged(spool: Path, node: str) -> list[Line]:
    """One for each call file that was put aside, whenever that was."""
    return [of_damaged(node, path) for session in sessions(spool) for path in session.calls.glob("damaged/*.call")]


def write(node: str, lines: Sequence[Line]) -> None:
    """Within the caller's transaction. Raises a database error."""
    wanted = {line.call: line for line in lines}
    names = [*wanted, *(name for line in lines for name in line.absorbed)]
    known = {row.pk: row for row in Decision.objects.filter(pk__in=names)}
    for line in lines:
        for name in line.absorbed:
            if name in known and name != line.call:
                _join(known[name], line.call)
    new = []
    for name, line in wanted.items():
        if name in known:
            _again(known[name], line)
        else:
            new.append(line)
    numbers = _take(node, len(new))
    Decision.objects.bulk_create(_row(node, number, line) for number, line in zip(numbers, new, strict=True))


def forget_call(call: uuid.UUID, why: str) -> None:
    """A deleted call keeps its row, without the parties; within the caller's transaction."""
    own = Decision.objects.filter(Q(pk=call) | Q(joined=call))
    own.update(caller="", callee="", detail="", erased_at=clock.now(), erased_why=why)


def forget_number(number: str) -> int:
    """Take a person's number out of all rows; the rows stay. How many there were."""
    return sum(Decision.objects.filter(**{side: number}).update(**{side: ""}) for side in ("caller", "callee"))


def forget_old_parties(before: datetime, most: int = 5000) -> int:
    """Take the parties out of lines of calls that started before then and of which nothing is stored; how many."""
    stored = Exists(Call.objects.filter(pk=OuterRef("pk")))
    old = Decision.objects.filter(started__lt=before).exclude(caller="", callee="").filter(~stored)
    names = list(old.order_by("started").values_list("pk", flat=True)[:most])
    return Decision.objects.filter(pk__in=names).update(caller="", callee="")


def _take(node: str, count: int) -> range:
    """The next numbers; nobody else gets any until the transaction ends."""
    if not count:
        return range(0)
    DecisionCount.objects.get_or_create(node=node)
    counter = DecisionCount.objects.select_for_update().get(node=node)
    first = counter.last + 1
    counter.last += count
    counter.save(update_fields=["last"])
    return range(first, first + count)


def _row(node: str, number: int, line: Line) -> Decision:
    facts = {**line.fields, **_verdict(line.verdict)}
    return Decision(node=node, number=number, id=line.call, heard_by=line.view, at=clock.now(), **facts)


def _again(row: Decision, line: Line) -> None:
    """Another view of a dialog that has its number."""
    changes: dict[str, Any] = {**line.fields, **_verdict(line.verdict), "at": clock.now()} if line.fresh else {}
    if row.erased_at:
        changes = {}
    heard = row.heard_by.split()
    if line.view and line.view not in heard:
        changes["heard_by"] = " ".join([*heard, line.view])[:150]
    if changes:
        Decision.objects.filter(pk=row.pk).update(**changes)


def _join(row: Decision, winner: uuid.UUID) -> None:
    facts = _verdict(verdict.JOINED)
    Decision.objects.filter(Q(pk=row.pk) | Q(joined=row.pk)).update(joined=winner, at=clock.now(), **facts)


def _verdict(found: Verdict) -> dict[str, str]:
    return {
        "kept": found.kept,
        "reason": found.reason,
        "detail": clean(found.detail, 300),
        "remarks": " ".join(found.remarks),
    }


def _facts(call: CallFile) -> dict[str, Any]:
    fields = rows.call_fields(call)
    answered = call.answered_ns is not None
    return {**{name: fields[name] for name in _PARTS}, "answered": answered, "messages": len(call.messages)}


def _seen(call: CallFile) -> Seen:
    return Seen(
        record=call.record,
        rule=call.reason,
        answered=call.answered_ns is not None,
        begun=verdict.beginning_seen(call),
        gaps=_gaps(call.gaps),
    )


def _gaps(gaps: Iterable[tuple[int, int, str]]) -> frozenset[str]:
    return frozenset(why for start, end, why in gaps if end - start >= LEAST_GAP_NS)
