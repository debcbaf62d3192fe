"""One capture file → the spool session of its import: `python -m worker.sniffer.offline --help`."""

import argparse
import errno
import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from recordings.pipeline.capture.batch import Batch, from_block
from recordings.pipeline.capture.blocks import Block, Int64s
from recordings.pipeline.capture.frames import CaptureError
from recordings.pipeline.capture.pcap import read_blocks
from recordings.pipeline.capture.source import MAX_SIZE
from recordings.pipeline.signalling.keylog import KeyLog, KeyLogError
from recordings.pipeline.spool import keys
from recordings.pipeline.spool.errors import SpoolBusy, SpoolError, SpoolForeign
from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.segments import JournalReader, segments
from worker.sniffer.arena import private
from worker.sniffer.core import Core
from worker.sniffer.files import Identity
from worker.sniffer.limits import raise_file_limit
from worker.sniffer.shared import Word
from worker.sniffer.status import write_status

SLOTS = 8192
STEP_NS = 250_000_000
REACH = 8  # frames before and after that say what time it is
STRANGE_NS = 3600 * 10**9
MANY_STREAMS = 200
OK, UNREADABLE, USAGE, BUSY, DISK = 0, 1, 2, 5, 6
EPILOG = """exit status: 0 the file was read to its end; 1 it is no capture, or damaged or cut short (one sentence on
standard error; what was whole before is kept); 2 wrong arguments; 5 the session is in use;
6 the disk did not take all of it"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an import ended; `fault` is the sentence for people, "" when the file was whole."""

    packets: int
    fault: str = ""
    truncated: bool = False


def plausible(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, with the time of a frame that does not fit between those around it (a damaged record) set to theirs.

    Else one frame would end all calls in progress, as time seems to have gone on by years.
    """
    earlier = np.zeros(0, np.int64)
    waiting: Block | None = None
    try:
        for block in blocks:
            if waiting is not None:
                waiting = _between(earlier, waiting, block.time_ns[:REACH])
                earlier = np.concatenate((earlier, waiting.time_ns))[-REACH:]
                yield waiting
            waiting = block
    except CaptureError:
        if waiting is not None:
            yield _between(earlier, waiting, waiting.time_ns[:0])
        raise
    if waiting is not None:
        yield _between(earlier, waiting, waiting.time_ns[:0])


def _between(earlier: Int64s, block: Block, later: Int64s) -> Block:
    times = np.concatenate((earlier, block.time_ns, later))
    if len(times) < 2 or np.abs(np.diff(times)).max() <= STRANGE_NS:
        return block
    padded = np.pad(times, (REACH - len(earlier), REACH - len(later)), "edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * REACH + 1)
    middle = np.sort(around, axis=1)[:, REACH]  # of times that only ever grow, each is the middle one
    strange = np.abs(block.time_ns - middle) > STRANGE_NS
    return replace(block, time_ns=np.where(strange, middle, block.time_ns)) if strange.any() else block


def steps(block: Block) -> Iterator[Batch]:
    """The block cut where capture time went on by STEP_NS, so that a file is worked through as the wire would be."""
    batch = from_block(block)
    if not len(batch):
        return
    clock = np.maximum.accumulate(batch.time_ns) // STEP_NS
    edges = [0, *(np.flatnonzero(np.diff(clock)) + 1).tolist(), len(batch)]
    for begin, end in pairwise(edges):
        yield batch.part(begin, end)


class Importer:
    """Feeds a core with a file's blocks, and ticks once per STEP_NS of capture time, less often above MANY_STREAMS."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.log = KeyLog()
        self.packets = 0
        self._step = -1
        self._now = 0

    def take(self, block: Block) -> None:
        for batch in steps(block):
            latest = int(batch.time_ns.max())
            if not self.packets:
                self.core.begin("import", int(batch.time_ns[0]))
                self._step = latest // STEP_NS
            elif latest // STEP_NS >= self._step + self._stride():
                self._step = latest // STEP_NS
                self.core.tick(self._now)
                self.core.expire(int(batch.time_ns[0]))
            self.core.feed(batch)
            self.packets += len(batch)
            self._now = max(self._now, latest)

    def _stride(self) -> int:
        """Steps between ticks: each costs a write per stream."""
        return 4 if self.core.control.get(Word.OPEN) > MANY_STREAMS else 1

    def end(self, outcome: Outcome) -> None:
        if not self.packets:
            self.core.begin("import", 0)
        self.core.until_ns = self._now
        self.core.end(packets=self.packets, fault=outcome.fault, truncated=outcome.truncated)


def run(
    session: Session, node: str, file: Path | str, *, max_size: int, progress: int = -1, key_log: bytes = b""
) -> Outcome:
    """Read the file into a session that is ours alone; an import that was broken off begins anew.

    Raises OSError when the disk did not take all of it: an import can be repeated, so nothing is stored in part.
    """
    finished = _finished(session)
    if finished is not None:
        return finished
    _clear(session)
    core = Core(session, Identity(node, secrets.token_hex(6), 1), private(SLOTS))
    importer = Importer(core)
    fault, truncated = "", False
    told = [key_log]
    try:
        for block in plausible(read_blocks(file, max_size=max_size, secrets=told)):
            core.closer.interest.randoms = importer.log.take(told)
            importer.take(block)
            if progress >= 0:
                os.write(progress, b"%d\n" % importer.packets)
    except CaptureError as error:
        fault, truncated = str(error), error.truncated
    if not fault and (refused := core.control.get(Word.REFUSED)):
        fault = f"{file}: it has more than {SLOTS} RTP streams at a time; {refused} packets were left out"
    outcome = Outcome(importer.packets, fault, truncated)
    if importer.log.secrets:
        core.files.sealing.write(session.key_log, importer.log.text())
    importer.end(outcome)
    write_status(session.path, core.identity.boot, core.control, [], [])  # for the mirror report
    if core.control.get(Word.LOST) or core.control.get(Word.FRAMES_LOST) or core.control.get(Word.DISK_ERROR):
        _clear(session)
        raise OSError(errno.ENOSPC, os.strerror(core.control.get(Word.DISK_ERROR) or errno.ENOSPC))
    return outcome


def _finished(session: Session) -> Outcome | None:
    """How an import that came to its end before had ended."""
    try:
        for record in JournalReader(session.journal).read():
            if record.kind == Kind.END:
                facts = record.facts()
                return Outcome(int(facts["packets"]), str(facts["fault"]), bool(facts["truncated"]))
    except (SpoolError, KeyError, TypeError, ValueError):
        return None
    return None


def _clear(session: Session) -> None:
    written = (*segments(session.journal), *session.streams.iterdir(), *session.calls.iterdir())
    for path in (*written, session.checkpoint, session.key_log):
        path.unlink(missing_ok=True)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m worker.sniffer.offline",
        description="Read a capture file (pcap or pcapng, also in gzip) into a spool session.",
        epilog=EPILOG,
    )
    made.add_argument("--session", required=True, type=Path, help="folder of the session; it is made when missing")
    made.add_argument("--node", required=True, help="id of this node")
    made.add_argument("--max-size", type=int, default=MAX_SIZE, help="most bytes to read, once unpacked (%(default)s)")
    made.add_argument("--key-log", type=Path, metavar="FILE", help="secrets of TLS connections (an NSS key log)")
    made.add_argument("--keys", type=Path, help="folder in memory with the keys of sealed files")
    made.add_argument("--progress-fd", type=int, default=-1, help="write the number of packets read so far here")
    made.add_argument("file", metavar="FILE", help="the capture, or - for standard input")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    options = parser().parse_args(arguments)
    session = Session(options.session)
    raise_file_limit()
    keys.use(options.keys)
    try:
        key_log = options.key_log.read_bytes() if options.key_log else b""
        KeyLog([key_log])
    except OSError as error:
        sys.stderr.write(f"The key log {options.key_log} cannot be read: {error.strerror}\n")
        return USAGE
    except KeyLogError as error:
        sys.stderr.write(f"{options.key_log}: {error}\n")
        return USAGE
    how = {"max_size": options.max_size, "progress": options.progress_fd, "key_log": key_log}
    try:
        session.create(options.node)
        with session.lock("holder"):
            outcome = run(session, options.node, options.file, **how)
    except (SpoolBusy, SpoolForeign) as error:
        sys.stderr.write(f"{error}\n")
        return BUSY
    except OSError as error:
        sys.stderr.write(f"The capture cannot be taken into {session.path}: {error.strerror}\n")
        return DISK
    if outcome.fault:
        sys.stderr.write(f"{outcome.fault}\n")
        return UNREADABLE
    return OK


if __name__ == "__main__":
    sys.exit(main())
