"""Settle: ended calls of the spool become library files and rows (laws 2, 3, 8, 9; PROTOCOL section 4).

Files are synced once and renamed, then all rows are committed in one transaction, and only then the spool entries go;
in a cluster they are put by, until both nodes have the call.
"""

import uuid
from collections.abc import Set
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import structlog
from django.db import DataError, IntegrityError

from apresa.shared import clock
from recordings.domain import commit, ledger
from recordings.domain.attempts import Attempts, forget_attempts, read_attempts, write_attempts
from recordings.domain.claim import (
    LARGEST_BATCH,
    Claimed,
    Damaged,
    claim,
    clear,
    independent,
    put_by,
    put_streams_aside,
    settling,
)
from recordings.domain.evidence import Evidence, Reader, gather
from recordings.domain.ledger import Line
from recordings.domain.lookup import Found, free_id, look_up, view_of
from recordings.domain.manifest import Manifest, StoredAs, manifest_of
from recordings.domain.novelty import nothing_new
from recordings.domain.obsolete import erase_obsolete, erase_unused
from recordings.domain.place import Place
from recordings.domain.rendering import Renderer, RenderFailure
from recordings.domain.versioning import Prepared, prepare, tidy
from recordings.pipeline.spool.calls import CallFile
from recordings.pipeline.spool.masking import masked
from recordings.pipeline.spool.silences import united
from recordings.pipeline.spool.streams import read_stream
from recordings.store import Library, open_library

log = structlog.get_logger(__name__)
PATIENCE = 1.0  # seconds of rendering before a commit
UNFORESEEN = (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError)
REFUSALS = (IntegrityError, DataError, commit.Overtaken, *UNFORESEEN)


@dataclass(slots=True)
class Outcome:
    """What one batch did; stored holds the ids of the calls that have a new version."""

    busy: bool = False
    stored: list[uuid.UUID] = field(default_factory=list)
    known: list[uuid.UUID] = field(default_factory=list)
    dropped: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    damaged: list[Damaged] = field(default_factory=list)
    named: dict[Path, uuid.UUID] = field(default_factory=dict)
    """Under which id the call of each call file is found now."""

    @property
    def settled(self) -> int:
        return len(self.stored) + len(self.known) + self.dropped


class UnreadableStream(RuntimeError):
    """The disk does not give a stream file now."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One claimed call with what is known of it; prepared is None when there is nothing to store."""

    claimed: Claimed
    found: Found
    manifest: Manifest
    prepared: Prepared | None = None


def settle(place: Place, renderer: Renderer, limit: int = LARGEST_BATCH) -> Outcome:
    """Settle up to `limit` calls. Raises LibraryMissing, OSError (disk) or a database error; the spool then keeps all.

    Only one process at a time settles a spool: `busy` says that it is another one.
    """
    outcome = Outcome()
    with settling(place.spool) as mine:
        if not mine:
            outcome.busy = True
            return outcome
        batch = claim(place.spool, place.node, clock.now().timestamp(), limit)
        outcome.damaged = batch.damaged
        _note_damaged(place)
        for item in batch.died:
            _show_failure(place, item, item.attempts, look_up(view_of(item.call, {})), outcome)
        if batch.claimed:
            with open_library(place.library, place.marker) as library:
                library.tidy()
                tidy(place.work)
                _settle_or_forget(place, library, renderer, independent(batch.claimed), outcome)
    return outcome


def _settle_or_forget(
    place: Place, library: Library, renderer: Renderer, claimed: list[Claimed], outcome: Outcome
) -> None:
    try:
        _settle(place, library, renderer, claimed, outcome)
    except (Exception, KeyboardInterrupt):
        # A full disk, a lost database or Ctrl-C is not the calls' fault: their attempts do not count.
        for item in claimed:
            if read_attempts(item.path).under_way:
                _take_back(item)
        raise


def _take_back(item: Claimed) -> None:
    try:
        write_attempts(item.path, item.attempts)
    except OSError:
        forget_attempts(item.path)  # a full disk has room for nothing, but lets go of things


def _settle(place: Place, library: Library, renderer: Renderer, claimed: list[Claimed], outcome: Outcome) -> None:
    read = lru_cache(maxsize=8)(read_stream)  # one flow may carry several of the calls
    planned: list[Planned] = []
    taken: set[uuid.UUID] = set()
    until = clock.monotonic() + PATIENCE
    for item in claimed:
        if planned and clock.monotonic() > until:
            break  # what is rendered becomes playable before a long call holds it up; the rest comes next
        plan = _plan(place, library, renderer, item, read, outcome, taken)
        if plan:
            planned.append(plan)
            taken |= {known.call.pk for known in plan.found.rows}
    library.publish()
    done = _commit(place, planned, outcome)
    for plan in planned:
        if plan.prepared and plan not in done:
            erase_unused(library, plan.prepared)
    if place.cluster:
        put_by([(plan.claimed, _marked(plan)) for plan in done])
        return  # former versions go when the other node has the new one (S2)
    clear([plan.claimed for plan in done])
    erase_obsolete(library, [plan.prepared.id for plan in done if plan.prepared])


def _marked(plan: Planned) -> Manifest:
    """What the spool keeps of it, with the version as which it is stored."""
    if prepared := plan.prepared:
        stored = StoredAs(prepared.id, prepared.number, prepared.fields["packets_sha256"])
    elif plan.found.rows:
        known = plan.found.rows[0]
        stored = StoredAs(known.call.pk, known.call.version, known.version.packets_sha256 if known.version else "")
    else:
        return plan.manifest
    return replace(plan.manifest, settled_as=stored)


def _plan(
    place: Place,
    library: Library,
    renderer: Renderer,
    item: Claimed,
    read: Reader,
    outcome: Outcome,
    taken: Set[uuid.UUID],
) -> Planned | None:
    """Decide and, where a new version is wanted, prepare it; None when that failed, or must wait for the next batch."""
    try:
        return _decided(place, library, renderer, item, read, outcome, taken)
    except (*UNFORESEEN, DataError) as error:
        # Nobody foresaw such a call. It is kept and tried again, and the others are stored.
        log.exception("A call could not be settled", call=item.call.uuid)
        reason = f"{type(error).__name__}: {error}"
    except UnreadableStream as error:
        reason = str(error)
    after = item.attempts.begun().failed(reason, clock.now().timestamp(), killed=False)
    write_attempts(item.path, after)
    outcome.failed.append((item.call.local, reason))
    return None


def _decided(
    place: Place,
    library: Library,
    renderer: Renderer,
    item: Claimed,
    read: Reader,
    outcome: Outcome,
    taken: Set[uuid.UUID],
) -> Planned | None:
    evidence = _gathered(item, item.call, read)
    put_streams_aside(item.session, evidence.damaged)
    manifest = manifest_of(evidence.call, evidence.coverage())
    found = look_up(manifest.view)
    call = masked(item.call, united(*(known.version.spans for known in found.rows if known.version)))
    if call != item.call:  # what another view says nobody may hear, nobody may hear of this one
        evidence = _gathered(item, call, read)
        manifest = manifest_of(call, evidence.coverage())
    if any(known.call.pk in taken for known in found.rows):
        return None  # with nothing in common, both belong to one row: each makes a version of it, one after the other
    if not call.record or found.buried or nothing_new(place, evidence, found):
        return Planned(item, found, manifest)
    begun = item.attempts.begun()
    write_attempts(item.path, begun)
    name = found.rows[0].call.pk if found.rows else free_id(uuid.UUID(call.uuid))
    try:
        prepared = prepare(place, library, renderer, evidence, found.rows, name)
    except RenderFailure as failure:
        after = begun.failed(failure.reason, clock.now().timestamp(), killed=failure.killed)
        write_attempts(item.path, after)
        _show_failure(place, item, after, found, outcome)
        return None
    write_attempts(item.path, begun.survived())
    return Planned(item, found, manifest, prepared)


def _gathered(item: Claimed, call: CallFile, read: Reader) -> Evidence:
    """Raises UnreadableStream."""
    try:
        return gather(call, item.session.streams, read)
    except OSError as error:
        raise UnreadableStream(f"a stream file cannot be read: {error}") from error


def _show_failure(place: Place, item: Claimed, attempts: Attempts, found: Found, outcome: Outcome) -> None:
    """A row that says why; a deleted call stays unseen."""
    sentence = attempts.reason
    if attempts.set_aside:
        sentence = f"{sentence}; it was tried {attempts.started} times"
    if not found.buried:
        with commit.as_active(place):
            row = commit.commit_failure(item.call, found.rows, sentence)
            if not row.version:
                ledger.write(place.node, [ledger.of_failure(row.pk, item.call, sentence)])
    outcome.failed.append((item.call.local, sentence))


def _commit(place: Place, planned: list[Planned], outcome: Outcome) -> list[Planned]:
    """All rows in one transaction; when one of them will not go in, each in its own."""
    try:
        with commit.as_active(place):
            ledger.write(place.node, [_write(plan) for plan in planned])
        done = planned
    except REFUSALS:
        done = [plan for plan in planned if _commit_alone(place, plan, outcome)]
    for plan in done:
        if plan.prepared:
            name = plan.prepared.id
            outcome.stored.append(name)
        elif plan.found.rows:
            name = plan.found.rows[0].call.pk
            outcome.known.append(name)
        else:
            outcome.dropped += 1
            continue
        outcome.named[plan.claimed.path] = name
    return done


def _commit_alone(place: Place, plan: Planned, outcome: Outcome) -> bool:
    try:
        with commit.as_active(place):
            ledger.write(place.node, [_write(plan)])
    except REFUSALS as error:
        item = plan.claimed
        after = item.attempts.begun().failed(str(error), clock.now().timestamp(), killed=False)
        write_attempts(item.path, after)
        log.warning("A call could not be stored; it is tried again", call=item.call.uuid, reason=str(error))
        outcome.failed.append((item.call.local, str(error)))
        return False
    return True


def _write(plan: Planned) -> Line:
    """The rows of one call; what the ledger is to say of it."""
    call, prepared, rows = plan.claimed.call, plan.prepared, plan.found.rows
    if prepared:
        commit.commit_version(prepared, rows, [uuid.UUID(call.uuid)] if rows else [])
        line = ledger.of_version(prepared.id, prepared.call, call.node, prepared.result, missing=bool(prepared.missing))
        return replace(line, absorbed=tuple(item.call.pk for item in rows if item.call.pk != prepared.id))
    if plan.found.buried:
        return ledger.of_buried(plan.found.buried, call)
    if rows:
        commit.commit_known(call, rows[0].call)
        return ledger.of_known(call, rows[0].call)
    return ledger.of_refusal(commit.commit_refusal(call), call)


def _note_damaged(place: Place) -> None:
    lines = ledger.damaged(place.spool, place.node)
    if lines:
        with commit.as_active(place):
            ledger.write(place.node, lines)
