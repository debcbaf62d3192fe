"""What happens to two nodes: packets, failures, and the steps by which people and the cluster repair them."""

from collections.abc import Iterator

from tests.protocol.recorder import NO_PLAN, Recorder
from tests.protocol.state import NAMES, Bounds, Copy, State, T

Steps = Iterator[tuple[str, State]]


class World:
    def __init__(self, bounds: Bounds, recorder: Recorder) -> None:
        self.packets, self.recorder, self.rules = bounds.packets, recorder, recorder.rules

    def events(self, s: State) -> Steps:
        yield from self._traffic(s)
        if s.faults:
            yield from self._failures(s._replace(faults=s.faults - 1))
        if s.destroyed and s.healthy:
            for n in (0, 1):
                yield f"{NAMES[n]} is destroyed", self._destroyed(s, n)
        for n, node in enumerate(s.nodes):
            other = s.nodes[1 - n]
            if node.role != "A" and other.up and other.role == "A" and not s.cl and s.drbd in "DB":
                yield from self._promote(s, n)  # neither sees the other: both become active

    def _traffic(self, s: State) -> Steps:
        up = [n for n in (0, 1) if s.nodes[n].up]
        for c, call in enumerate(s.calls):
            if call.sent == self.packets:
                yield f"call {c} ends", s.call(c, sent=call.sent + 1)
            if call.sent >= self.packets or not up:
                continue
            bit = 1 << call.sent
            for who in [up, *([[0], [1]] if len(up) == 2 and s.holes else [])]:
                seen = tuple(old | bit * (n in who) for n, old in enumerate(call.seen))
                t = s.call(c, sent=call.sent + 1, seen=seen)._replace(holes=s.holes - (who != up))
                for n in who:
                    t = t.copy(c, n, spool=call.at[n].spool | bit)
                yield f"packet {call.sent + 1} of call {c} reaches {' and '.join(NAMES[n] for n in who)}", t

    def _failures(self, s: State) -> Steps:
        for n, node in enumerate(s.nodes):
            if not node.up:
                continue
            down = _demoted(s, n).node(n, up=False)
            yield f"{NAMES[n]} loses its power", down._replace(drbd="B" if s.drbd == "B" else "D")
            if node.role == "A":
                yield f"the services of {NAMES[n]} fail, it is demoted", _demoted(s, n)
                if any(call.at[n].plan != NO_PLAN for call in s.calls):
                    yield f"the worker of {NAMES[n]} is killed", _forgetful(s, n)
        if s.pg:
            yield "the database's link is cut", s._replace(pg=False)
        if s.dl:
            yield "DRBD's link is cut", _cut_drbd(s)
        if s.cl:
            yield "the cluster's link is cut", s._replace(cl=False)
        if s.pg and s.dl and s.cl:
            yield "all links are cut", _cut_drbd(s)._replace(pg=False, cl=False)

    def _destroyed(self, s: State, n: int) -> State:
        m = 1 - n
        t = _demoted(s, n).node(n, up=False, alone=False, bad=True, blank=True)
        for c, call in enumerate(s.calls):
            there = call.at[m]
            safe = there.row if there.cert else 0  # what only the lost port heard, and nobody certified, is waived
            seen = [0, 0]
            seen[m], seen[n] = call.seen[m], call.seen[n] & (call.seen[m] | safe)
            gone = 0 if call.gone == 1 and there.row != T else call.gone
            t = t.call(c, seen=(seen[0], seen[1]), gone=gone).copy(c, n, **Copy()._asdict())
        return t._replace(destroyed=s.destroyed - 1, parted=True, lead=m, drbd="D")

    def _promote(self, s: State, n: int) -> Steps:
        node = s.nodes[n]
        banned = self.rules.bans_the_loser and s.ticket and s.ticket[0] == n
        if not node.up or node.role == "A" or node.bad or node.blank or banned:
            return
        t = s.node(n, role="A").touched(n)
        if n != s.lead:
            t = t._replace(lead=n, parted=True)
            if t.nodes[1 - n].role == "S":
                t = t.node(1 - n, role="O")
        yield f"{NAMES[n]} is promoted", t

    def repairs(self, s: State) -> Steps:
        for n, node in enumerate(s.nodes):
            other = s.nodes[1 - n]
            if not node.up:
                yield f"{NAMES[n]} boots", s.node(n, up=True)
            if other.role != "A":
                yield from self._promote(s, n)
            joins = node.role == "O" and node.up and other.role == "A" and s.lead != n
            if joins and s.cl and not s.parted and not s.ticket:
                yield f"{NAMES[n]} joins as standby", s.node(n, role="S")
            if node.role == other.role == "A" and s.cl:
                yield f"Pacemaker stops {NAMES[n]}, one of two that are active", _demoted(s, n)
        if not s.pg:
            yield "the database's link heals", s._replace(pg=True)
        if not s.cl:
            yield "the cluster's link heals", s._replace(cl=True)
        if not s.dl:
            yield "the recordings' link heals", s._replace(dl=True)
        yield from _drbd(s)
        if s.nodes[0].up and s.nodes[1].up and s.cl:
            yield from self._recovery(s)

    def _recovery(self, s: State) -> Steps:
        if not s.ticket:
            yield from _begun(s)
            return
        loser, handed, restored = s.ticket
        survivor = 1 - loser
        if (s.nodes[loser].role, s.nodes[survivor].role) != ("O", "A"):
            if not self.rules.bans_the_loser:
                yield "the recovery is dropped", s._replace(ticket=None)
            return
        if not handed:
            t = self.recorder.hand_over(s, loser)
            yield f"{NAMES[loser]} hands over what was deleted there", t._replace(ticket=(loser, True, restored))
        else:
            yield from self._restored(s, loser, survivor, restored=restored)

    def _restored(self, s: State, loser: int, survivor: int, *, restored: bool) -> Steps:
        for n in [loser] if self.rules.one_survivor else [loser, survivor]:
            if s.drbd == "B" and s.dl:
                t = s.node(n, alone=False, bad=True)._replace(drbd="S")
                yield f"the recordings of {NAMES[n]} are discarded", t
        if not restored and s.pg:
            t = s.node(loser, blank=False)._replace(ticket=(loser, True, True), lead=survivor, parted=False)
            for c in range(len(s.calls)):
                t = t.take_rows(c, loser)
            yield f"the database of {NAMES[loser]} is restored from {NAMES[survivor]}", t
        if restored and s.drbd == "C":
            yield "the recovery is closed", s.node(loser, role="S")._replace(ticket=None)


def _begun(s: State) -> Steps:
    for n in (0, 1):
        if s.parted and s.nodes[n].role == "O" and s.nodes[1 - n].role == "A":
            yield f"a recovery begins: {NAMES[n]} gives way", s._replace(ticket=(n, False, False))


def _forgetful(s: State, n: int) -> State:
    for c in range(len(s.calls)):
        s = s.copy(c, n, plan=NO_PLAN)
    return s


def _demoted(s: State, n: int) -> State:
    return _forgetful(s, n).node(n, role="O")


def _cut_drbd(s: State) -> State:
    knows = any(node.role == "A" for node in s.nodes) and all(node.up for node in s.nodes)
    return s._replace(dl=False, drbd={"C": "Z" if knows else "D", "S": "D"}.get(s.drbd, s.drbd))


def _drbd(s: State) -> Steps:
    a, b = s.nodes
    if s.drbd == "Z":
        yield "the standby notices that DRBD is cut", s._replace(drbd="D")
    if s.drbd == "D" and a.up and b.up and s.dl:
        target = 0 if a.bad or (b.alone and not b.bad) else 1 if b.bad or a.alone else None
        if (a.alone and b.alone) or (target is not None and s.nodes[target].role == "A"):
            yield "DRBD finds a split brain", s._replace(drbd="B")
        elif target is None:
            yield "DRBD connects again", s._replace(drbd="C")
        else:
            yield f"DRBD syncs towards {NAMES[target]}", s.node(target, bad=True)._replace(drbd="S")
    if s.drbd == "S":
        target = 0 if a.bad else 1
        for c, call in enumerate(s.calls):
            s = s.copy(c, target, lib=call.at[1 - target].lib)
        for n in (0, 1):
            s = s.node(n, alone=False, bad=False)
        yield "DRBD's sync is done", s._replace(drbd="C")
