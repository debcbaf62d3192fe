"""Making a version of a call: its packets united, rendered, and staged in the library. Nothing is visible yet."""

import hashlib
import shutil
import tempfile
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recordings.domain import rows
from recordings.domain.coverage import Coverage, with_digests
from recordings.domain.evidence import Evidence, gather, without
from recordings.domain.facts import merged
from recordings.domain.lookup import Known
from recordings.domain.manifest import message_digests
from recordings.domain.packets import extract_packets, write_packets
from recordings.domain.place import Place
from recordings.domain.rendering import Renderer
from recordings.models import Version
from recordings.pipeline.render.request import RenderRequest, RenderResult, Source
from recordings.pipeline.spool.calls import CallFile
from recordings.pipeline.spool.content import key_of
from recordings.pipeline.spool.errors import SpoolError
from recordings.store import Library, file_name, sha256_of

PREFIX = "settle-"
PLAIN = "untagged"


def tidy(work: Path) -> None:
    """Remove what a process that was killed was rendering. For the one process that settles."""
    for folder in work.glob(f"{PREFIX}*"):
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A version whose files are staged; fields are the columns of its Version."""

    id: uuid.UUID
    number: int
    call: CallFile
    result: RenderResult
    digits: list[dict[str, Any]]
    missing: tuple[str, ...]
    coverage: Coverage
    fields: dict[str, Any]
    wrappings: dict[tuple[str, str], str]
    """How each flow came: VLAN and tunnel, where there was any."""

    @property
    def media(self) -> dict[tuple[str, str], str]:
        return {(binding.source, binding.destination): binding.media for binding in self.call.streams}


def prepare(
    place: Place, library: Library, renderer: Renderer, evidence: Evidence, known: tuple[Known, ...], name: uuid.UUID
) -> Prepared:
    """Render the call with what is stored of it already. Raises RenderFailure, OSError."""
    number = max((item.call.version for item in known), default=0) + 1
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=place.work) as folder:
        work = Path(folder)
        went_in = [evidence.coverage(), *(item.view.coverage for item in known)]
        evidence = united(place, evidence, known, work)
        # Without its packets too, the file keeps the call file: the library must be readable without its rows.
        kept = evidence if place.keep_packets else replace(evidence, parts=())
        write_packets(work / "packets.tar", evidence.call, kept)
        # The render process decodes what strangers sent: it gets the keys of these files, never the folder of all.
        sources = tuple(Source(str(part.path), part.binding, key_of(part.path).hex()) for part in evidence.parts)
        result = renderer.render(
            RenderRequest(sources, str(work), f"{name}.{number}", place.format, evidence.call.silences)
        )
        digits = rows.all_digits(evidence.call, result)
        staged = _stage(place, library, work, evidence.call, result, digits, (name, number))
    held = with_digests(evidence.coverage(), went_in)
    return Prepared(name, number, evidence.call, result, digits, evidence.missing, held, staged, wrappings(evidence))


def wrappings(evidence: Evidence) -> dict[tuple[str, str], str]:
    """By source and destination: "vlan 100 gre" and the like; several where copies came by several ways."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for part in evidence.parts:
        if len(part.chosen):
            header = part.data.header
            words = [f"vlan {tag}" for tag in header.vlan] + [header.encapsulation]
            ways = found.setdefault((part.binding.source, part.binding.destination), {})
            ways[" ".join(word for word in words if word)] = None
    return {flow: " + ".join(way or PLAIN for way in ways) for flow, ways in found.items() if any(ways)}


def united(place: Place, evidence: Evidence, known: tuple[Known, ...], work: Path) -> Evidence:
    """The evidence with the packets of stored versions: theirs first, ours where they lack it (ID5)."""
    stored = _stored_evidence(place, known, work)
    if not stored:
        return evidence
    call, parts, missing = stored[0].call, list(stored[0].parts), list(stored[0].missing)
    for other in (*stored[1:], evidence):
        call = merged(call, other.call)
        parts += [part for part in (without(part, parts) for part in other.parts) if len(part.chosen)]
        missing += other.missing
    # Rendered from exactly what is kept, so that its figures count no packet of the union twice.
    path = work / "united.tar"
    write_packets(path, replace(call, streams=()), Evidence(call, tuple(parts)))
    folder = work / "united"
    folder.mkdir()
    return replace(gather(extract_packets(path, folder), folder), missing=tuple(missing))


def _stored_evidence(place: Place, known: tuple[Known, ...], work: Path) -> list[Evidence]:
    """What the packets files of stored versions hold; a version without one, or with a damaged one, is left out.

    Then its call's former versions, which may be all that is here: a takeover can find the row of a version whose
    files only the other node got, and the packets of the one before it may be in no spool any more.
    """
    found = []
    for item in known:
        current = _extracted(place, item.version, work)
        if current:
            found.append(current)
            continue
        former = Version.objects.filter(call=item.call).exclude(number=item.call.version).order_by("-number")
        found += [evidence for evidence in (_extracted(place, version, work) for version in former) if evidence]
    return found


def _extracted(place: Place, version: Version | None, work: Path) -> Evidence | None:
    if version is None or not version.packets:
        return None
    folder = work / f"stored-{version.pk}"
    folder.mkdir()
    try:
        return gather(extract_packets(place.library / version.packets, folder), folder)
    except (FileNotFoundError, SpoolError):
        return None  # any other error is the disk's: then no version is made of less than what is stored


def _stage(
    place: Place,
    library: Library,
    work: Path,
    call: CallFile,
    result: RenderResult,
    digits: list[dict[str, Any]],
    title: tuple[uuid.UUID, int],
) -> dict[str, Any]:
    """Stage all files of the version; the columns that name them."""
    details = rows.details(call, result, digits)
    digest = result.sha256 if result.audio else hashlib.sha256(details).hexdigest()

    def name(extension: str) -> str:
        return file_name(*title, digest, rows.moment(call.started_ns), extension)

    fields: dict[str, Any] = {
        "format": result.format if result.audio else "",
        "size": result.size,
        "sha256": result.sha256,
        "sample_rate": result.sample_rate,
        "duration_ms": round(result.seconds * 1000),
        "details": name("json.gz"),
        "details_sha256": hashlib.sha256(details).hexdigest(),
        "packets": name("packets"),
        "packets_sha256": sha256_of(work / "packets.tar"),
        "activation": place.activation,
        "signalling": message_digests(call),
        "silences": [list(span) for span in call.silences] or None,
    }
    library.stage_bytes(details, fields["details"])
    if result.audio:
        fields["file"] = name(Path(result.audio).suffix.removeprefix("."))
        library.stage(work / result.audio, fields["file"])
    if result.peaks:
        fields["peaks"] = name("peaks")
        library.stage(work / result.peaks, fields["peaks"])
    library.stage(work / "packets.tar", fields["packets"])
    return fields
