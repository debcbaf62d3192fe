"""The journal as the sniffer writes it: bounded while the disk is full, with a note of what was lost."""

import errno

from recordings.pipeline.spool.journal import Kind, facts_payload
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.sealing import Sealing
from recordings.pipeline.spool.segments import JournalWriter
from worker.sniffer.files import Identity
from worker.sniffer.lifetime import Event
from worker.sniffer.shared import Control, Word

_MOST_WAITING = 32 << 20


class Chronicle:
    """Appends records; what cannot be written waits in memory, frames beyond the bound are dropped and counted."""

    def __init__(self, session: Session, identity: Identity, control: Control, sealing: Sealing) -> None:
        self.control = control
        head = {"node": identity.node, "boot": identity.boot, "child": identity.child}
        self.writer = JournalWriter(session.journal, dict(head), sealing=sealing)
        self._lost = 0
        self._lost_from = 0
        self._lost_to = 0

    def write(self, events: list[Event]) -> None:
        """Queue records in this order."""
        for event in events:
            self.append(event.kind, event.time_ns, event.payload)

    def append(self, kind: Kind, time_ns: int, payload: bytes) -> None:
        if kind == Kind.FRAME:
            if self.writer.waiting > _MOST_WAITING:
                self._lose(time_ns)
                return
            self.control.add(Word.FRAMES, 1)
        self.writer.append(kind, time_ns, payload)

    def note(self, kind: Kind, time_ns: int, **facts: object) -> None:
        self.append(kind, time_ns, facts_payload(**facts))

    def _lose(self, time_ns: int) -> None:
        if not self._lost:
            self._lost_from = time_ns
        self._lost += 1
        self._lost_to = max(self._lost_to, time_ns)

    def flush(self) -> bool:
        """Hand everything to the kernel; False when the disk does not take it."""
        try:
            self.writer.flush()
            if self._lost:
                lost, self._lost = self._lost, 0
                self.control.add(Word.FRAMES_LOST, lost)
                self.note(
                    Kind.HOLE,
                    self._lost_to,
                    from_ns=self._lost_from,
                    to_ns=self._lost_to,
                    packets=lost,
                    reason="disk",
                    what="frames",
                )
                self.writer.flush()
        except OSError as error:
            self.control.set(Word.DISK_ERROR, error.errno or errno.EIO)
            return False
        return True

    def seal(self) -> bool:
        """Go on in a sealed segment, where this one is clear; False when the disk does not let us."""
        try:
            if self.writer.is_clear:
                self.writer.roll()
        except OSError as error:
            self.control.set(Word.DISK_ERROR, error.errno or errno.EIO)
            return False
        return True

    def close(self) -> None:
        """End the journal, as far as the disk takes it."""
        try:
            self.writer.close()
        except OSError as error:
            self.control.set(Word.DISK_ERROR, error.errno or errno.EIO)
