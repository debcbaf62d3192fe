"""Making the evidence package of a stored call."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from apresa.shared import clock
from recordings.domain.chaining import entry_text, facts, link_of
from recordings.domain.conversion import converted
from recordings.domain.rendering import RenderFailure
from recordings.evidence.chain import ProofError, canonical, digest
from recordings.evidence.keys import node_key
from recordings.evidence.package import Package, writing
from recordings.models import Call, Link, Version
from recordings.queries import proof
from recordings.queries.details import read_details

PLAYABLE = {"wav", "mp3", "ulaw"}


class NotLinked(ProofError):
    """The call stands in no chain yet."""


def write_package(call: Call, version: Version, path: Path) -> None:
    """Everything must be linked before. Raises NotLinked, Busy, OSError, ProofError."""
    link = link_of(call.pk, version.number)
    if link is None:
        raise NotLinked("This version of the call stands in no chain yet.")
    key = node_key(Path(settings.APRESA.data))
    library = Path(settings.APRESA.library)
    with writing(path) as package:
        package.add("metadata.json", facts(call, version).encode())
        lines = [entry_text(entry) for entry in proof.audit_trail(call)]
        package.add("audit.jsonl", "\n".join(lines).encode())
        names = _files(package, library, version)
        package.add("ladder.txt", _ladder(library, version).encode("utf-8", "replace"))
        package.add("proof.json", _proof(link, names, lines, key.public).encode())
        package.close(str(call.pk), clock.now().isoformat(), key)


def _files(package: Package, library: Path, version: Version) -> dict[str, str]:
    names = {"recording": "", "details": ""}
    if version.file:
        names["recording"] = f"recording{os.path.splitext(version.file)[1]}"
        package.add_file(names["recording"], library / version.file)
        if version.format not in PLAYABLE:
            with suppress(RenderFailure):  # what was changed may not be playable; the package says that it was changed
                package.add_file("listen.wav", converted(library / version.file, version.sha256, "wav", "both"))
    if version.details_sha256:
        names["details"] = "details.json.gz"
        package.add_file(names["details"], library / version.details)
    return names


def _proof(link: Link, names: dict[str, str], lines: list[str], own: str) -> str:
    chains = proof.chains([link, *proof.links_of(digest(line) for line in lines)])
    days = proof.days(link)
    signed = [chain["head"] for chain in chains] + days
    said = {"call": str(link.call), "stored": link.said, "salt": link.salt, "names": names}
    return canonical({**said, "chains": chains, "days": days, "keys": proof.keys(signed, own)})


def _ladder(library: Path, version: Version) -> str:
    parts = [
        f"{datetime.fromtimestamp(item.time_ns / 1e9, UTC).isoformat()}  {item.source} -> {item.destination}  "
        f"{item.transport}\n\n{item.text.strip()}\n"
        for item in read_details(library, version).messages
    ]
    return ("\n" + "-" * 72 + "\n").join(parts) or "No signalling was stored.\n"
