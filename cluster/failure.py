"""Why a job of the cluster failed, so that a page can say it in its reader's language. Pure.

Beside it the job keeps the English sentence, which is what counts where the two differ: of another release, or of a
failure that nobody gave a code.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cluster.catalogue import acts, recorder, recovery, setup, setup_steps
from cluster.findings import Finding, fill

Translate = Callable[[str], str]
# By the kind of the job: what can go wrong, and what may have spoken against it.
TEXTS: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = MappingProxyType(
    {
        "cluster-act": (acts.FAILURES, acts.REASONS),
        "cluster-recovery": ({**acts.FAILURES, **recovery.FAILURES}, recovery.REASONS),
        "recorder-restart": (recorder.FAILURES, {}),
        "cluster-setup": ({**acts.FAILURES, **setup_steps.FAILURES}, setup.FAULTS),
    }
)
WITHIN = {"refused": "reasons", "faults": "faults"}  # by code: the parameter that has what spoke against it
Kept = dict[str, Any]


def keep(reason: Finding, because: Sequence[Finding] = ()) -> Kept:
    """As JSON, to stand with the job. `because`: what spoke against it, one finding for each sentence."""
    return {**_plain(reason), "because": [_plain(one) for one in because]}


def tell(kind: str, english: str, kept: object, translate: Translate) -> str:
    """The sentence in the reader's language; the English one where that cannot be."""
    try:
        return _told(kind, english, kept, translate) or english
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        return english


def _told(kind: str, english: str, kept: Any, translate: Translate) -> str:
    texts, reasons = TEXTS[kind]
    template, parameters = texts[kept["code"]], dict(kept["parameters"])
    if fill(template, parameters) != english:
        return ""  # that failure was an earlier one
    within = WITHIN.get(kept["code"], "")
    because = [fill(reasons[one["code"]], _words(one["parameters"], translate), translate) for one in kept["because"]]
    told = _words(parameters, translate)
    return fill(template, {**told, within: " ".join(because)} if because else told, translate)


def _words(parameters: Mapping[str, Any], translate: Translate) -> dict[str, Any]:
    """A whole sentence or title within another one is in the reader's language, too; a name is not."""
    return {
        name: translate(value) if isinstance(value, str) and " " in value.strip() else value
        for name, value in parameters.items()
    }


def _plain(one: Finding) -> Kept:
    return {"code": one.code, "parameters": dict(one.parameters)}
