"""While more than one node was seen active, nothing is done that could make it last."""

from collections.abc import Collection, Iterator

from cluster.findings import Finding, finding


def against_two(codes: Collection[str]) -> Iterator[Finding]:
    """By the codes of what was found: a split brain, or a move whose end the reports have not shown yet."""
    if "two-active" in codes:
        yield finding("split")
    elif "active-moving" in codes or "two-active-perhaps" in codes:
        yield finding("moving")
