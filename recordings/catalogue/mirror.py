"""The mirror report in words: what was found, its likely cause at the switch, and what to change there."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recordings.catalogue.mirror_calls import CALLS
from recordings.catalogue.mirror_wire import WIRE
from recordings.catalogue.said import Said
from recordings.mirror.judge import worst
from recordings.mirror.types import Finding

LONGEST = 400  # characters of a parameter that are shown
TOPICS: Mapping[str, str | Promise] = {
    "port": _("The mirror port"),
    "directions": _("Both directions"),
    "media": _("Calls without sound"),
    "signalling": _("Sound without signalling"),
    "beginnings": _("Beginnings"),
    "duplicates": _("Duplicates"),
    "loss": _("Lost packets"),
    "drops": _("Drops on this machine"),
    "paths": _("VLANs and tunnels"),
    "fragments": _("Fragments"),
    "sizes": _("Sizes near the MTU"),
    "clock": _("Clock"),
    "nodes": _("Heard by one node only"),
}
FINDINGS: Mapping[str, Said] = {**CALLS, **WIRE}


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in the reader's language; cause and cure are empty where all is well."""

    topic: str
    sentence: str
    cause: str
    cure: str


def tell(finding: Finding) -> Told:
    said = FINDINGS[finding.code]
    values = {name: _plain(value) for name, value in finding.parameters.items()}
    texts = (str(text).format_map(values) for text in (said.sentence, said.cause, said.cure))
    return Told(str(TOPICS[finding.topic]), *texts)


def as_data(hours: int, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """For programs, with the words of the language that is active."""
    rows = []
    for finding in findings:
        level, parameters = finding.level.name.lower(), dict(finding.parameters)
        words = {name: text for name, text in asdict(tell(finding)).items() if name != "topic"}
        rows.append({"topic": finding.topic, "code": finding.code, "level": level, "parameters": parameters, **words})
    return {"hours": hours, "level": worst(findings).name.lower(), "findings": rows}


def _plain(value: str | float) -> str | float:
    """Cut, and safe for a terminal."""
    if not isinstance(value, str):
        return value
    return "".join(one if one.isprintable() else " " for one in value[:LONGEST])
