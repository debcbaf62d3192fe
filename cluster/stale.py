"""What an observation is still worth when nobody has looked since. Pure."""

from dataclasses import replace

from cluster.catalogue import kind
from cluster.decide import Judgement
from cluster.findings import Level, finding

STALE_AFTER = 30.0  # seconds; a look every five, with ten for its slowest answer


def aged(judgement: Judgement, node: str, seconds: float) -> Judgement:
    """The judgement of an observation of this age: an old one promises nothing."""
    if seconds <= STALE_AFTER:
        return judgement
    minutes = max(1, round(seconds / 60))
    old = finding("observation-old", node=node, minutes=minutes, seconds=round(seconds))
    findings = sorted((old, *judgement.findings), key=lambda one: -kind(one).level)
    return replace(
        judgement,
        level=max(judgement.level, kind(old).level),
        findings=tuple(findings),
        phrases=(finding("old", node=node, minutes=minutes), *judgement.phrases),
        ready=False,
    )


def never(node: str) -> Judgement:
    """Before the first look."""
    return Judgement(Level.UNKNOWN, (), (finding("never", node=node),), None, None, ready=False)
