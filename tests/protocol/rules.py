"""The product's own decisions, asked about a state of the model. A mutant is these with one of them broken."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from operator import or_

from cluster.certify import Certification, certify
from cluster.drbd_types import DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.release import OnActive, OnStandby, ReleaseView, Verdict, decide_release
from cluster.release import Permission as ReleasePermission
from cluster.types import Postgres, Receiver, Standby
from recordings.domain import handing
from recordings.domain.coverage import Coverage, StreamCoverage
from recordings.domain.identity import View
from recordings.domain.manifest import Manifest, StoredAs, is_covered
from recordings.domain.novelty import adds_packets
from recordings.domain.obsolete import Followed
from recordings.domain.offering import PATIENCE, wants_offer
from recordings.domain.releasing import is_settled_still
from recordings.domain.standing import Permission, Standing
from tests.protocol.state import CONTENTS, Copy, T, backed
from tests.samples.cluster import views
from tests.samples.intervals import intervals_of

CALL = uuid.UUID(int=1)
POSITION = 500  # where each commit stands in the log: the other node has either flushed it, or not


@dataclass(frozen=True)
class Rules:
    """Functions of the product; below them, what stands for rules that are no function of it."""

    certify: Callable[..., Certification] = certify
    release: Callable[[ReleaseView], tuple[Verdict, object]] = decide_release
    is_covered: Callable[[Manifest, Coverage, object], bool] = is_covered
    settled_still: Callable[[Manifest, Standing], bool] = is_settled_still
    wants_offer: Callable[..., bool] = wants_offer
    adds_packets: Callable[..., bool] = adds_packets
    hand: Callable[..., handing.Verdict] = handing.decide
    has: Callable[[Followed, int | None], bool] = Followed.has
    tombstones: bool = True
    unites_former: bool = True
    own_versions: bool = True
    checks_inherited: bool = True
    one_survivor: bool = True
    bans_the_loser: bool = True
    says_when_both: bool = True


class Decisions:
    """Each question is asked once of the same facts: they are pure."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.new = lru_cache(None)(self._new)
        self.standing = lru_cache(None)(self._standing)
        self.offers = lru_cache(None)(self._offers)
        self.again = lru_cache(None)(self._again)
        self.releases = lru_cache(None)(self._releases)
        self.certifies = lru_cache(None)(self._certifies)
        self.has = lru_cache(None)(self._has)

    def _new(self, held: int, wanted: int) -> bool:
        return self.rules.adds_packets(coverage(held), coverage(wanted), unitable=True)

    def _has(self, acked: bool) -> bool:
        return self.rules.has(Followed(POSITION if acked else POSITION - 1), POSITION)

    def _certifies(self, drbd: str) -> bool:
        found = views.DRBD
        if drbd == "S":
            found = replace(found, replication=DrbdReplication.SYNC_SOURCE, peer_disk=DrbdDisk.INCONSISTENT)
        elif drbd != "C":
            word = DrbdConnection.STANDALONE if drbd == "B" else DrbdConnection.CONNECTING
            off = {"replication": DrbdReplication.OFF, "peer_role": DrbdRole.UNKNOWN, "peer_disk": DrbdDisk.UNKNOWN}
            found = replace(found, connection=word, **off)  # type: ignore[arg-type]
        return self.rules.certify(found, asked_at=2.0, settled_at=1.0).certified

    def _standing(self, spool: int, copy: Copy) -> Standing:
        """As `recordings.domain.standing` reads it from a database with this row."""
        if copy.row == T:
            return Standing(Permission.TOMBSTONE, POSITION, row=CALL)
        if not copy.row:
            return Standing()
        has_all = self.rules.is_covered(manifest(spool), coverage(copy.row), [])
        stored = has_all and not copy.awaiting
        kind, lsn, covered = (
            (Permission.CERTIFICATE, POSITION, has_all) if copy.cert else (Permission.NOTHING, None, None)
        )
        return Standing(kind, lsn, covered, CALL, copy.version, stored, copy.awaiting, digest(copy.row))

    def _offers(self, copy: Copy) -> bool:
        return self.rules.wants_offer(self.standing(copy.spool, facts(copy)), age=PATIENCE, last=None, now=0.0)

    def _again(self, copy: Copy) -> bool:
        return not self.rules.settled_still(manifest(copy.spool, copy.put), self.standing(copy.spool, facts(copy)))

    def _releases(self, copy: Copy, active: bool, acked: bool, follows: bool, ticket: bool) -> bool:
        standing = self.standing(copy.spool, facts(copy))
        row = Standby("south", "streaming", "async", POSITION, POSITION if acked else POSITION - 1)
        side: OnActive | OnStandby = (
            OnActive("south", (row,) if follows else (), standing.lsn)
            if active
            else OnStandby(
                Postgres(True, POSITION, POSITION), Receiver("streaming" if follows else "stopped", 5, POSITION, 0.0), 5
            )
        )
        view = ReleaseView(
            ended=True,
            ticket=ticket,
            in_cluster=True,
            permission=ReleasePermission(standing.permission.value),
            covered=standing.covered,
            certified_for=600.0,
            side=side,
        )
        return self.rules.release(view)[0] is Verdict.RELEASE

    def hands(self, mine: Copy) -> handing.Verdict:
        buried = mine.row == T
        return self.rules.hand(
            keys=True, buried=buried, rows_here=mine.row > 0, name_taken=mine.row > 0, name_buried=buried
        )


def facts(copy: Copy) -> Copy:
    """Only what the database knows, so that equal questions are asked once."""
    return Copy(row=copy.row, version=copy.version, cert=copy.cert, awaiting=copy.awaiting)


def held(copy: Copy, *, former: bool = True) -> int:
    """What settle unites a view with: the row's packets if its file is good (S3), else those of former versions."""
    found = backed(copy)
    if found or not former:
        return found
    places = [place for place in range(copy.former.bit_length()) if copy.former & copy.lib & 1 << place]
    return reduce(or_, (place % CONTENTS for place in places), 0)


def digest(packets: int) -> str:
    """What names a version's packets, and the view of them."""
    return f"{packets:b}"


@lru_cache(None)
def coverage(packets: int) -> Coverage:
    numbers = [bit for bit in range(packets.bit_length()) if packets >> bit & 1]
    return {"s": StreamCoverage(intervals_of(numbers), frozenset({digest(packets)}))} if numbers else {}


@lru_cache(None)
def manifest(packets: int, put: tuple[int, int] = (0, 0)) -> Manifest:
    view = View(CALL, frozenset({("dialog", "d")}), 0, 1, "bye", coverage(packets))
    return Manifest(view, True, frozenset(), StoredAs(CALL, put[0], digest(put[1])) if put[0] else None)
