"""The signalling process: tails the frame journal of one session, and leaves call files for settle."""

import argparse
import logging
import signal
import sys
import time
from pathlib import Path
from uuid import UUID

from recordings.pipeline.signalling.engine import Engine
from recordings.pipeline.signalling.foreign import dissect
from recordings.pipeline.signalling.identity import DEFAULT_CLUSTER
from recordings.pipeline.signalling.keylog import KeyLog, KeyLogError
from recordings.pipeline.spool import keys
from recordings.pipeline.spool.calls import CallFile
from recordings.pipeline.spool.content import read_whole
from recordings.pipeline.spool.errors import SpoolBusy, SpoolError, SpoolForeign
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.policy import PolicyReader
from recordings.pipeline.spool.sealing import Sealing
from recordings.pipeline.spool.segments import JournalReader, segments
from worker.sniffer import privileges
from worker.sniffer.signalling_status import StatusSocket
from worker.sniffer.signalling_store import Store
from worker.sniffer.silencing import Silencing

logger = logging.getLogger("apresa.signalling")
POLL_SECONDS = 0.05
CHECKPOINT_SECONDS = 0.2
BATCH = 500  # calls that wait in memory at most


class Signalling:
    """One session's engine with its door to the journal and its store."""

    def __init__(self, session: Session, node: str, cluster: UUID) -> None:
        self.session = session
        self.policy = PolicyReader(session.policy)
        self.engine = Engine(self.policy.current(), node, cluster, dissect, _key_log(session))
        self.store = Store(session, Sealing(session, self.policy))
        self.silencing = Silencing(session)
        state = self.store.load()
        if state:
            self.engine.restore(state)
        self.reader = JournalReader(session.journal, self.engine.number + 1)
        self.waiting: list[CallFile] = []
        self.saved_number = self.engine.number
        self.saved_at = self.save_seconds = 0.0

    def advance(self) -> None:
        """Follow the journal as far as it is written."""
        self.engine.policy = self.policy.current()
        self.silencing.obey(self.engine)
        try:
            for record in self.reader.read():
                self.waiting += self.engine.feed(record)
                if len(self.waiting) >= BATCH:
                    self.save()
        except SpoolError as error:
            self._skip(error)

    def _skip(self, error: SpoolError) -> None:
        """Past a damaged segment the journal goes on with the next one; what stood between is lost, and said."""
        damaged = int(self.reader.path.stem) if self.reader.path else 0
        later = [number for path in segments(self.session.journal) if (number := int(path.stem)) > damaged]
        if not later:
            raise error
        logger.error("%s; signalling goes on with record %d", error, later[0])
        self.reader = JournalReader(self.session.journal, later[0])

    def save(self, *, at_once: bool = True) -> None:
        """Hand over what has ended. Not at once: only when there is something, and not too often."""
        now = time.monotonic()
        pending = bool(self.waiting or self.engine.settled)
        due = max(CHECKPOINT_SECONDS if pending else 50 * CHECKPOINT_SECONDS, 10 * self.save_seconds)
        if not at_once and (self.engine.number == self.saved_number or now - self.saved_at < due):
            return
        self.saved_at = now
        self.store.hand_over(self.engine, self.waiting)
        self.waiting.clear()
        self.saved_number = self.engine.number
        self.save_seconds = time.monotonic() - now


def _key_log(session: Session) -> KeyLog | None:
    """What an import brought; a live session has none: a connection cannot be read again from its middle."""
    try:
        return KeyLog([read_whole(session.key_log)])
    except FileNotFoundError:
        return None
    except KeyLogError as error:
        raise SpoolError(f"{session.key_log}: {error}") from error


def follow(signalling: Signalling, status: StatusSocket) -> None:
    """Live: until told to stop."""
    stopping: list[int] = []
    trouble = ""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: stopping.append(received))
    while not stopping:
        try:
            signalling.advance()
            signalling.save(at_once=False)
            trouble = ""
        except OSError as error:  # a full disk: what has ended waits in memory, and in the journal
            if str(error) != trouble:
                logger.error("ended calls cannot be written, and are kept waiting: %s", error)  # noqa: TRY400 -- a sentence
            trouble = str(error)
        status.serve(signalling.engine, POLL_SECONDS)
    signalling.save()


def finish(signalling: Signalling) -> bool:
    """An import: to the END record; False where the journal has none."""
    signalling.advance()
    signalling.save()
    if signalling.engine.complete:
        signalling.session.key_log.unlink(missing_ok=True)  # secrets that nothing needs any more
    return signalling.engine.complete


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m worker.sniffer.signalling",
        description=__doc__,
        epilog="Exit status: 0 done or stopped, 1 the spool is damaged or not ours, 2 wrong usage, 5 already at work.",
    )
    parser.add_argument("--session", type=Path, required=True, help="folder of the spool session")
    parser.add_argument("--node", required=True, help="id of this node; the session must be its own")
    parser.add_argument("--cluster", type=UUID, default=DEFAULT_CLUSTER, help="namespace of the calls' ids (a UUID)")
    parser.add_argument("--keys", type=Path, help="folder in memory with the keys of sealed files")
    parser.add_argument("--until-end", action="store_true", help="stop at the journal's END record (an import)")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    options = _arguments(argv)
    logging.basicConfig(level=logging.INFO, format="signalling: %(message)s")
    session = Session(options.session)
    privileges.no_dumps()
    keys.use(options.keys)
    try:
        session.check(options.node)
        with session.lock("signalling"):
            signalling = Signalling(session, options.node, options.cluster)
            if options.until_end:
                if not finish(signalling):
                    logger.error("the journal of %s has no END record: the import is not complete", session.path)
                    return 1
                return 0
            status = StatusSocket(session.path / "signalling.sock")
            try:
                follow(signalling, status)
            finally:
                status.close()
    except SpoolBusy as error:
        logger.error("%s", error)  # noqa: TRY400 -- a sentence for people, no traceback
        return 5
    except OSError as error:
        logger.error("The spool %s cannot be read or written: %s", session.path, error.strerror)  # noqa: TRY400 -- the same
        return 1
    except (SpoolError, SpoolForeign) as error:
        logger.error("%s", error)  # noqa: TRY400 -- a sentence for people, no traceback
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
