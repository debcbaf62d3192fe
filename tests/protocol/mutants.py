"""The product's rules with one of them broken, and the smallest bounds in which that does harm."""

from dataclasses import replace
from typing import NamedTuple

from cluster.certify import Certification
from cluster.release import Verdict
from recordings.domain import handing
from recordings.domain.manifest import Manifest
from recordings.domain.releasing import is_settled_still
from recordings.domain.standing import Standing
from tests.protocol.rules import Rules
from tests.protocol.scenarios import LOSER_IS_BACK, TWO_SURVIVORS
from tests.protocol.state import Bounds

YES = Certification(certified=True, reason="")
PARTED = Bounds(packets=2, faults=2, holes=2)


class Mutant(NamedTuple):
    rules: Rules
    bounds: Bounds
    scenario: tuple[str, ...] = ()


def by_number(manifest: Manifest, standing: Standing) -> bool:
    mark = manifest.settled_as
    return is_settled_still(
        replace(manifest, settled_as=mark and mark._replace(digest="")), replace(standing, digest="")
    )


MUTANTS: dict[str, Mutant] = {
    "C1: certified without asking DRBD": Mutant(Rules(certify=lambda *_, **__: YES), Bounds()),
    "R1: released without permission": Mutant(Rules(release=lambda _: (Verdict.RELEASE, "")), Bounds()),
    "R1b: coverage is not compared": Mutant(Rules(is_covered=lambda *_: True), Bounds(packets=2, faults=0, holes=1)),
    "R5: nothing is offered": Mutant(Rules(wants_offer=lambda *_, **__: False), Bounds(faults=0, holes=1)),
    "S3: a stored call gains nothing": Mutant(
        Rules(adds_packets=lambda held, *_, **__: not held),
        Bounds(packets=2, faults=0, holes=2),
    ),
    "S3: what was settled once is settled for ever": Mutant(
        Rules(settled_still=lambda *_: True), PARTED, LOSER_IS_BACK
    ),
    "S3: versions are told apart by their number alone": Mutant(Rules(settled_still=by_number), PARTED, LOSER_IS_BACK),
    "J1: the recordings of the survivor may be discarded": Mutant(Rules(one_survivor=False), PARTED, TWO_SURVIVORS),
    "S2: former versions go at once": Mutant(Rules(own_versions=False), Bounds(packets=2, faults=1, holes=1)),
    "T2: a row is taken for its file": Mutant(Rules(checks_inherited=False), Bounds()),
    "D1: a deleted row leaves no tombstone": Mutant(Rules(tombstones=False), Bounds(faults=0, deletes=1)),
    "D2: erased before the other node knows": Mutant(Rules(has=lambda *_: True), Bounds(deletes=1)),
    "D3: told before both know": Mutant(Rules(says_when_both=False), Bounds(deletes=1)),
}

LARGER: dict[str, Mutant] = {
    "D4: deletions are not handed over": Mutant(Rules(hand=lambda **_: handing.Verdict.LEAVE), Bounds(deletes=1)),
    "J2: the loser may be promoted": Mutant(Rules(bans_the_loser=False), Bounds(faults=2)),
    "T2: former versions are not united": Mutant(Rules(unites_former=False), Bounds(packets=2, faults=1, holes=2)),
}
"""These take longer than a test may."""
