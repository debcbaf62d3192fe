"""Whole conversations as a journal and streams, and what a recorder makes of them that hears only a part."""

import random
from dataclasses import dataclass, field, replace

from recordings.pipeline.signalling.engine import Engine
from recordings.pipeline.spool.calls import write_call
from recordings.pipeline.spool.journal import Kind, Record, facts_payload
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.policy import Policy
from tests.samples.signalling import ALICE, BOB, PROXY, Story, sdp
from tests.samples.streams import Timed, talk, write_stream

TWICE = "Call-ID used again"
KINDS = ("plain", "forked", "held", "two legs", TWICE)
CLEAR = 3  # packets of a stream that are enough to take it for one
POLICY = Policy(leg_headers=("x-cid",))
PACKETS = 12


@dataclass
class Conversation:
    """`seed` decides all; no two seeds have an address, an SSRC or a Call-ID in common."""

    kind: str
    seed: int
    story: Story = field(default_factory=Story)
    streams: dict[str, tuple[str, str, list[Timed]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.story.time = self.seed * 1000.0
        self.random = random.Random(self.seed)
        self.name = f"{self.seed}@example.org"
        net = f"10.{self.seed >> 8 & 255}.{self.seed & 255}"
        self.alice, self.bob, self.front, self.behind = (f"{net}.{host}:4000" for host in range(1, 5))
        {
            "plain": self._plain,
            "forked": self._forked,
            "held": self._held,
            "two legs": self._two_legs,
            TWICE: self._used_again,
        }[self.kind]()
        self.story.wait(200)
        self.story.end()

    def _talk(self, source: str, destination: str, sequence: int = 100) -> None:
        ssrc = self.seed << 8 | len(self.streams)
        name = f"{ssrc:08x}"
        payloads = [self.random.randbytes(160) for _ in range(PACKETS)]
        timed = talk(payloads, ssrc=ssrc, kind=8, sequence=sequence, start=self.story.now_ns)
        self.story.stream(name, source, destination, ssrc)
        self.streams[name] = (source, destination, timed)

    def _both_talk(self) -> None:
        self._talk(self.alice, self.bob, 65530)
        self._talk(self.bob, self.alice)
        self._fall_silent()

    def _fall_silent(self) -> None:
        self.story.wait(1)
        self.story.close(*self.streams)

    def _answered(self) -> None:
        self.story.answered(self.name, self.alice, self.bob)

    def _plain(self) -> None:
        self._answered()
        self._both_talk()
        self.story.bye(self.name)

    def _forked(self) -> None:
        for number in (1, 2):
            hop = (PROXY, f"192.0.2.{20 + number}:5060")
            self.story.request("INVITE", sdp(self.alice), call_id=self.name, branch=f"z9hG4bKf{number}", hop=hop)
        self.story.response(486, call_id=self.name, tags=("a", "b1"), branch="z9hG4bKf1")
        self.story.response(200, sdp(self.bob), call_id=self.name, tags=("a", "b2"), branch="z9hG4bKf2")
        self._both_talk()
        self.story.request("BYE", call_id=self.name, tags=("a", "b2"), cseq=2)

    def _held(self) -> None:
        self._answered()
        self._both_talk()
        for cseq, way in ((2, "a=sendonly"), (3, "a=sendrecv")):
            self.story.request("INVITE", sdp(self.alice, way), call_id=self.name, tags=("a", "b"), cseq=cseq)
            self.story.response(200, sdp(self.bob), call_id=self.name, cseq=cseq)
            self.story.wait(5)
        self._both_talk()
        self.story.request("BYE", call_id=self.name, tags=("a", "b"), cseq=4)

    def _two_legs(self) -> None:
        story, headers, behind = self.story, {"X-CID": self.name}, f"behind-{self.name}"
        story.request("INVITE", sdp(self.alice), hop=(ALICE, PROXY), call_id=self.name, headers=headers)
        leg = {"call_id": behind, "tags": ("p", ""), "branch": "z9hG4bKp", "headers": headers}
        story.request("INVITE", sdp(self.behind), hop=(PROXY, BOB), **leg)  # type: ignore[arg-type]
        story.response(200, sdp(self.bob), hop=(BOB, PROXY), call_id=behind, tags=("p", "b"), branch="z9hG4bKp")
        story.response(200, sdp(self.front), hop=(PROXY, ALICE), call_id=self.name, tags=("a", "q"))
        self._talk(self.alice, self.front)
        self._talk(self.behind, self.bob)
        self._fall_silent()
        story.request("BYE", hop=(ALICE, PROXY), call_id=self.name, cseq=2, tags=("a", "q"))
        story.request("BYE", hop=(PROXY, BOB), call_id=behind, cseq=2, tags=("p", "b"), branch="z9hG4bKp2")

    def _used_again(self) -> None:
        for _ in range(2):
            self._plain()
            self.story.wait(30)


@dataclass(frozen=True)
class Ear:
    """Which part of a conversation one node's port delivers: numbers of records, packets by stream."""

    records: frozenset[int]
    packets: dict[str, list[Timed]]


def ear(conversation: Conversation, rng: random.Random) -> Ear:
    """A random part; of an id that is used again all signalling, as a lost BYE makes two calls one."""
    whole = conversation.kind == TWICE
    deaf = 0.0 if whole else rng.choice((0, 0, 0.1, 0.3, 1))
    records = frozenset(one.number for one in conversation.story.records if rng.random() >= deaf)
    heard = {}
    for name, (_, _, timed) in conversation.streams.items():
        lossy = rng.choice((0, 0.1, 0.5, 1))
        kept = [packet for packet in timed if rng.random() >= lossy]
        if len(kept) >= CLEAR:
            heard[name] = kept
    return Ear(records, heard)


def hear(session: Session, node: str, conversation: Conversation, part: Ear) -> list[str]:
    """Put into the spool what the node's signalling makes of this part; the names of its call files."""
    engine = Engine(POLICY, node)
    calls = [call for record in _journal(conversation, part) for call in engine.feed(record)]
    for name, kept in part.packets.items():
        source, destination, _ = conversation.streams[name]
        write_stream(session.streams, name, kept, source, destination)
        session.resolved(name).touch()
    for call in calls:
        write_call(session.call(call.local), call)
    return [call.local for call in calls]


def _journal(conversation: Conversation, part: Ear) -> list[Record]:
    """The records as they come to this node; numbers are unique among all conversations."""
    found = []
    for record in conversation.story.records:
        payload = record.payload
        if record.kind is Kind.STREAM_OPEN:
            facts = record.facts()
            kept = part.packets.get(str(facts["stream"]))
            if not kept:
                continue
            payload = facts_payload(**{**facts, "first_ns": kept[0][0]})
        elif record.kind is Kind.FRAME and record.number not in part.records:
            continue
        found.append(replace(record, number=conversation.seed * 1000 + record.number, payload=payload))
    return found
