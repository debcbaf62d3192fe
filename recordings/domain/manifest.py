"""What a spool entry is, in short: keys, span and coverage, computed once, as an ended call's packets never change.

It lies beside the call file, and may go at any time: it is made again from call file and streams.
"""

import hashlib
import json
import os
import uuid
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from recordings.domain.coverage import Coverage, covers, dump, load
from recordings.domain.evidence import gather
from recordings.domain.identity import View
from recordings.domain.keys import Key, keys_of
from recordings.pipeline.spool.calls import CallFile, read_call
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.masking import masked
from recordings.pipeline.spool.silences import Spans, parse_spans, united

FORMAT = 2


class StoredAs(NamedTuple):
    """A version of a row. Two sides of a split brain give one number to different packets; the digest tells."""

    row: uuid.UUID
    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`settled_as` is the version as which this node's settle stored it."""

    view: View
    record: bool
    signalling: frozenset[str]
    settled_as: StoredAs | None = None
    silences: Spans = ()
    """What was left out of it."""


def message_digests(call: CallFile) -> list[str]:
    """One for each SIP message, as it came, whoever saw it."""
    texts = {f"{item.source}|{item.destination}|{item.text}" for item in call.messages}
    return sorted(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() for text in texts)


def manifest_of(call: CallFile, held: Coverage) -> Manifest:
    view = View(uuid.UUID(call.uuid), keys_of(call), call.started_ns, call.ended_ns, call.end_reason, held, call.node)
    return Manifest(view, call.record, frozenset(message_digests(call)), silences=call.silences)


def is_covered(manifest: Manifest, coverage: Coverage, signalling: object, silences: Spans = ()) -> bool:
    """Whether a version with this coverage and these messages has all that the entry has, and nothing that the entry
    says nobody may hear."""
    if not covers(coverage, manifest.view.coverage) or united(silences, manifest.silences) != silences:
        return False
    return isinstance(signalling, list) and manifest.signalling <= set(signalling)


def read_manifest(session: Session, path: Path) -> Manifest:
    """Of this call file; kept for the next time. Raises OSError or SpoolError: then nothing is known of the entry."""
    place = path.with_suffix(".manifest")
    try:
        return _load(json.loads(place.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _made(session, path, (), None)


def masked_manifest(session: Session, path: Path, former: Manifest, silences: Spans) -> Manifest:
    """The same entry without these spans, too, which the stored call leaves out: only what may be heard counts.

    Raises OSError or SpoolError."""
    return _made(session, path, united(former.silences, silences), former.settled_as)


def _made(session: Session, path: Path, silences: Spans, settled_as: StoredAs | None) -> Manifest:
    call = masked(read_call(path), silences)
    evidence = gather(call, session.streams)
    if evidence.damaged:
        raise SpoolError(f"{evidence.damaged[0].name} is damaged, so nobody can say what it holds")
    made = replace(manifest_of(call, evidence.coverage()), settled_as=settled_as)
    write_manifest(path, made)
    return made


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Beside this call file, without fsync: it can be made again. A full disk is no fault."""
    place = path.with_suffix(".manifest")
    temporary = path.with_suffix(".manifest.tmp")
    with suppress(OSError):
        temporary.write_text(json.dumps(_dump(manifest), separators=(",", ":")), encoding="utf-8")
        os.replace(temporary, place)


def forget_manifest(path: Path) -> None:
    path.with_suffix(".manifest.tmp").unlink(missing_ok=True)
    path.with_suffix(".manifest").unlink(missing_ok=True)


def _dump(manifest: Manifest) -> dict[str, Any]:
    view, mark = manifest.view, manifest.settled_as
    return {
        "format": FORMAT,
        "id": str(view.id),
        "keys": sorted(view.keys),
        "span": [view.started_ns, view.ended_ns],
        "end": view.end_reason,
        "node": view.node,
        "coverage": dump(view.coverage),
        "record": manifest.record,
        "signalling": sorted(manifest.signalling),
        "silences": manifest.silences,
        "settled_as": [str(mark.row), mark.number, mark.digest] if mark else None,
    }


def _load(facts: dict[str, Any]) -> Manifest:
    if facts["format"] != FORMAT:
        raise ValueError("another format")
    keys: frozenset[Key] = frozenset((str(kind), str(digest)) for kind, digest in facts["keys"])
    started, ended = (int(time) for time in facts["span"])
    view = View(
        uuid.UUID(facts["id"]), keys, started, ended, str(facts["end"]), load(facts["coverage"]), str(facts["node"])
    )
    settled_as = None
    if facts["settled_as"]:
        row, number, digest = facts["settled_as"]
        settled_as = StoredAs(uuid.UUID(row), int(number), str(digest))
    signalling = frozenset(map(str, facts["signalling"]))
    return Manifest(view, bool(facts["record"]), signalling, settled_as, parse_spans(facts.get("silences", ())))
