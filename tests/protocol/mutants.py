"""The product's rules with one of them broken, and the smallest bounds in which that does harm."""

from cluster.certify import Certification
from cluster.release import Verdict
from recordings.domain import handing
from tests.protocol.rules import Rules
from tests.protocol.state import Bounds

YES = Certification(certified=True, reason="")

MUTANTS: dict[str, tuple[Rules, Bounds]] = {
    "C1: certified without asking DRBD": (Rules(certify=lambda *_, **__: YES), Bounds()),
    "R1: released without permission": (Rules(release=lambda _: (Verdict.RELEASE, "")), Bounds()),
    "R1b: coverage is not compared": (Rules(is_covered=lambda *_: True), Bounds(packets=2, faults=0, holes=1)),
    "R5: nothing is offered": (Rules(wants_offer=lambda *_, **__: False), Bounds(faults=0, holes=1)),
    "S3: a stored call gains nothing": (
        Rules(adds_packets=lambda held, *_, **__: not held),
        Bounds(packets=2, faults=0, holes=2),
    ),
    "S2: former versions go at once": (Rules(own_versions=False), Bounds(packets=2, faults=1, holes=1)),
    "T2: a row is taken for its file": (Rules(checks_inherited=False), Bounds()),
    "D1: a deleted row leaves no tombstone": (Rules(tombstones=False), Bounds(faults=0, deletes=1)),
    "D2: erased before the other node knows": (Rules(has=lambda *_: True), Bounds(deletes=1)),
    "D3: told before both know": (Rules(says_when_both=False), Bounds(deletes=1)),
}

LARGER: dict[str, tuple[Rules, Bounds]] = {
    "D4: deletions are not handed over": (Rules(hand=lambda **_: handing.Verdict.LEAVE), Bounds(deletes=1)),
    "J2: the loser may be promoted": (Rules(bans_the_loser=False), Bounds(faults=2)),
    "T2: former versions are not united": (Rules(unites_former=False), Bounds(packets=2, faults=1, holes=2)),
}
"""These take longer than a test may."""
