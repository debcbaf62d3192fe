"""What the product does by itself in a state: settle, certify, ship, release, offer, erase. A crash may follow each."""

from collections.abc import Iterator

from recordings.domain.handing import Verdict
from tests.protocol.rules import Decisions, facts, held
from tests.protocol.state import NAMES, Copy, State, T, backed, file, own

Steps = Iterator[tuple[str, State]]
NOT_YET = (0, 0)
NO_PLAN = (0, 0, False)


class Recorder:
    def __init__(self, decisions: Decisions, packets: int) -> None:
        self.decide = decisions
        self.rules = decisions.rules
        self.end = packets + 1

    def steps(self, s: State) -> Steps:
        for c, call in enumerate(s.calls):
            for n, node in enumerate(s.nodes):
                if node.up and node.role == "A":
                    yield from self._settle(s, c, n, call.at[n])
                    yield from self._active(s, c, n, call.at[n])
                    yield from self._deleted(s, c, n, call.at[n])
                if node.up and node.role == "S":
                    yield from self._standby(s, c, n, call.at[n])

    def _held(self, copy: Copy) -> int:
        if not self.rules.checks_inherited:
            return max(copy.row, 0)
        return held(copy, former=self.rules.unites_former)

    def _settle(self, s: State, c: int, n: int, copy: Copy) -> Steps:
        name, (content, version, published) = NAMES[n], copy.plan
        if content and not published:
            before = s if self.rules.own_versions else s.remove(c, n, copy.lib)
            t = before.write(c, n, file(version, content)).copy(c, n, plan=(content, version, True))
            yield f"{name} publishes version {version} of call {c}", t
        elif content and copy.row == T:
            s = s.copy(c, n, plan=NO_PLAN)
            yield f"{name}: call {c} was deleted meanwhile; the new files go", s.remove(c, n, file(version, content))
        elif content:
            yield f"{name} commits the row of call {c} with packets {content:b}", self._commit(s, c, n, copy)
        elif copy.spool and copy.put == NOT_YET and s.calls[c].sent == self.end:
            good = copy.row == 0 or (backed(copy) and not copy.awaiting) or not self.rules.checks_inherited
            if copy.row != T and (not good or self.decide.new(self._held(copy), copy.spool)):
                plan = (copy.spool | self._held(copy), max(copy.version, 0) + 1, False)
                yield f"{name} begins to settle call {c}", s.copy(c, n, plan=plan)
            else:
                put = (copy.version, copy.row) if copy.row != T else (T, T)
                yield f"{name} puts its spool entry of call {c} by", s.copy(c, n, put=put)
        elif copy.spool and copy.put != NOT_YET and self.decide.again(_entry(copy)):
            yield f"{name} hands its spool entry of call {c} back to settle", s.copy(c, n, put=NOT_YET)

    @staticmethod
    def _commit(s: State, c: int, n: int, copy: Copy) -> State:
        content, version, _ = copy.plan
        row = {"row": content, "version": version, "cert": False, "awaiting": False}
        return s.copy(c, n, plan=NO_PLAN, former=copy.former | own(copy), **row)

    def _active(self, s: State, c: int, n: int, copy: Copy) -> Steps:
        name, follows = NAMES[n], s.follows(1 - n)
        acked = follows and s.calls[c].at[1 - n].stored == copy.stored
        there = backed(copy) or not self.rules.checks_inherited
        if copy.row > 0 and not copy.cert and not copy.awaiting:
            if not there:
                yield f"{name} finds no good file of call {c}: its row awaits one", s.copy(c, n, awaiting=True)
            elif self.decide.certifies(s.drbd):
                yield f"{name} certifies call {c}", s.copy(c, n, cert=True)
        if follows and not acked:
            yield f"the row of call {c} reaches {NAMES[1 - n]}", s.take_rows(c, 1 - n)
        if copy.former and copy.cert and follows and self.decide.has(acked):
            old = s.remove(c, n, copy.former)
            yield f"{name} erases former versions of call {c}", old.copy(c, n, former=0)
        if (
            copy.spool
            and copy.put != NOT_YET
            and self.decide.releases(_entry(copy), True, acked, follows, bool(s.ticket))
        ):
            yield f"{name} (active) releases its spool entry of call {c}", s.copy(c, n, spool=0, put=NOT_YET)

    def _deleted(self, s: State, c: int, n: int, copy: Copy) -> Steps:
        name, follows = NAMES[n], s.follows(1 - n)
        acked = follows and s.calls[c].at[1 - n].stored == copy.stored
        if copy.row > 0 and s.deletes:
            gone = 1 if self.rules.says_when_both else 2
            if self.rules.tombstones:
                t = s.copy(c, n, **_grave())
            else:
                t = s.remove(c, n, copy.lib).copy(c, n, row=0, version=0, cert=False, awaiting=False, former=0, spool=0)
            yield f"a person deletes call {c} on {name}", t.call(c, gone=gone)._replace(deletes=s.deletes - 1)
        if copy.row == T and s.calls[c].gone == 1 and acked:
            yield f"the person is told that call {c} is deleted", s.call(c, gone=2)
        if copy.row == T and not copy.erased and self.decide.has(acked):
            if copy.lib:
                yield f"{name} erases the files of deleted call {c}", s.remove(c, n, copy.lib)
            elif self.decide.certifies(s.drbd):
                yield f"{name} notes that call {c} is erased", s.copy(c, n, erased=True)

    def _standby(self, s: State, c: int, n: int, copy: Copy) -> Steps:
        name, there = NAMES[n], s.calls[c].at[1 - n]
        reaches = s.nodes[1 - n].up and s.nodes[1 - n].role == "A" and s.cl and not s.ticket
        if not copy.spool or s.calls[c].sent != self.end:
            return
        if reaches and copy.spool & ~there.spool and self.decide.offers(_entry(copy)):
            t = s.copy(c, 1 - n, spool=there.spool | copy.spool, put=NOT_YET)
            yield f"{name} offers call {c} to {NAMES[1 - n]}", t
        if self.decide.releases(_entry(copy), False, False, s.follows(n), bool(s.ticket)):
            yield f"{name} (standby) releases its spool entry of call {c}", s.copy(c, n, spool=0, put=NOT_YET)

    def hand_over(self, s: State, loser: int) -> State:
        """The survivor takes in what only the loser's database knew to be deleted."""
        for c, call in enumerate(s.calls):
            mine = call.at[1 - loser]
            if call.at[loser].row == T and self.decide.hands(facts(mine)) in {Verdict.DELETE, Verdict.BURY}:
                s = s.copy(c, 1 - loser, **_grave())
        return s


def _grave() -> dict[str, object]:
    return {"row": T, "version": 0, "cert": False, "awaiting": False, "former": 0, "erased": False}


def _entry(copy: Copy) -> Copy:
    return facts(copy)._replace(spool=copy.spool, put=copy.put)
