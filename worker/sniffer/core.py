"""Batches of frames → stream files and journal: the same for the wire and for capture files, without a socket."""

from recordings.pipeline.capture.batch import Batch
from recordings.pipeline.capture.classify import classify
from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.policy import PolicyReader, Recipient
from recordings.pipeline.spool.sealing import Sealing
from worker.sniffer.arena import OPEN, Arena
from worker.sniffer.chronicle import Chronicle
from worker.sniffer.closer import CloserLook
from worker.sniffer.files import Identity, StreamFiles
from worker.sniffer.lifetime import Event, Streams
from worker.sniffer.shared import Word
from worker.sniffer.sizes import Sizes
from worker.sniffer.store import in_order


class Core:
    """One sniffer's work on one session. `feed` and `tick` in turn; the caller says when time has gone on."""

    def __init__(self, session: Session, identity: Identity, arena: Arena) -> None:
        self.arena = arena
        self.control = arena.control
        self.policy = PolicyReader(session.policy)
        self.policy.current()
        sealing = Sealing(session, self.policy)
        self.files = StreamFiles(arena, session, identity, sealing)
        self.closer = CloserLook(arena.control)
        self.streams = Streams(arena, self.files, self.policy, self.closer.wrappings)
        self.chronicle = Chronicle(session, identity, arena.control, sealing)
        self.identity = identity
        self.sizes = Sizes(arena.control)
        self.until_ns = 0
        self._recipient: Recipient | None = None
        self._refused = self.control.get(Word.REFUSED)
        self._lost = self.control.get(Word.LOST)

    def begin(self, reason: str, time_ns: int) -> None:
        """Write the BOOT record, unless a former sniffer of this boot did; go on with the streams that it left."""
        if self.control.get(Word.BOOTED):
            self.chronicle.write(self.streams.adopt())
            self._seal()
            self.streams.muted.obey()
            return
        last = self.chronicle.writer.last_ns
        self.chronicle.note(
            Kind.BOOT,
            time_ns,
            boot=self.identity.boot,
            node=self.identity.node,
            since_ns=last,
            reason=reason,
        )
        if self.chronicle.flush():
            self.control.set(Word.BOOTED, 1)

    def _seal(self) -> None:
        """Once calls are to be sealed, nothing more goes to clear files: journal and streams go on in others."""
        recipient = self.policy.policy.recipient
        if recipient == self._recipient or not self.chronicle.seal():
            return
        self._recipient = recipient
        if recipient:
            clear = [slot for slot in self.arena.used(OPEN) if self.files.is_clear(slot)]
            self.chronicle.write([self.streams.close(slot, "end") for slot in clear])

    def feed(self, batch: Batch) -> None:
        """Take in frames. Their packets are in the slabs after this, their journal records queued."""
        result = classify(batch, self.closer.interest)
        control = self.control
        self.sizes.take(batch)
        control.add(Word.PACKETS, len(batch))
        control.add(Word.RTCP, result.rtcp)
        control.add(Word.OTHER, result.other)
        packets = result.packets
        self.closer.learn(result.wrappings)
        events: list[Event] = []
        if len(result.slow):
            closer, events = self.closer.look(batch, result.slow)
            packets, closer = in_order(packets, closer)
            events += self.streams.take(closer)
        events += self.streams.take(packets)
        events.sort(key=lambda event: event.row)
        self.chronicle.write(events)

    def expire(self, now_ns: int) -> None:
        """End what has been silent too long by this time."""
        self.chronicle.write(self.streams.expire(now_ns))

    def tick(self, until_ns: int) -> None:
        """Everything that arrived before `until_ns` was fed: bring it to the kernel, and say so in the journal."""
        until_ns = self.until_ns = max(until_ns, self.until_ns)
        self.policy.current()
        self._seal()
        self.closer.obey(self.policy.policy)
        self.streams.muted.obey()
        self.expire(until_ns)
        stored = self.streams.flush()
        self._holes(until_ns)
        if stored:
            self._note_tick(until_ns)
        if self.chronicle.flush() and stored:
            self.control.set(Word.DISK_ERROR, 0)
            self.control.set(Word.TICK_NS, until_ns)
            self.control.set(Word.BOOTED, 1)

    def _note_tick(self, until_ns: int) -> None:
        control = self.control
        idle, active = self.streams.silent(until_ns)
        self.chronicle.note(
            Kind.TICK,
            until_ns,
            until_ns=until_ns,
            packets=control.get(Word.PACKETS),
            rtp=control.get(Word.RTP),
            other=control.get(Word.OTHER),
            dropped=control.get(Word.LOST) + control.get(Word.FRAMES_LOST) + control.get(Word.REFUSED),
            streams=control.get(Word.OPEN),
            idle=idle,
            active=active,
        )

    def _holes(self, until_ns: int) -> None:
        """Packets that had to be let go since the last tick."""
        for word, before, reason in ((Word.REFUSED, self._refused, "streams"), (Word.LOST, self._lost, "disk")):
            more = self.control.get(word) - before
            if more > 0:
                self.hole(self.control.get(Word.TICK_NS) or until_ns, until_ns, more, reason)
        self._refused, self._lost = self.control.get(Word.REFUSED), self.control.get(Word.LOST)

    def hole(self, from_ns: int, to_ns: int, packets: int, reason: str) -> None:
        """Note that packets are missing."""
        self.chronicle.note(Kind.HOLE, to_ns, from_ns=from_ns, to_ns=to_ns, packets=packets, reason=reason)

    def end(self, **facts: object) -> None:
        """The end of an import: close all streams and say that nothing follows."""
        closing: list[Event] = [self.streams.close(slot, "end") for slot in self.arena.used(OPEN)]
        self.chronicle.write(sorted(closing, key=lambda event: event.time_ns))
        self.tick(self.until_ns + 1)
        self.chronicle.note(Kind.END, self.until_ns, until_ns=self.until_ns, **facts)
        self.close()

    def close(self) -> None:
        """Let go of the files; streams stay open for the next sniffer."""
        self.streams.flush()
        self.chronicle.close()
        self.files.close_all()
