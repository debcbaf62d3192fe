"""Signalling's side of silences: people's wishes → the calls they are of → the streams that the sniffer must drop."""

import json
import logging
import time

from recordings.pipeline.signalling import matching
from recordings.pipeline.signalling.engine import Engine
from recordings.pipeline.signalling.outcome import alone_id
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.silences import read_silences

logger = logging.getLogger("apresa.signalling")
EVERY = 0.25  # seconds between two looks at what is silenced: the calls' streams change


class Silencing:
    """Follows the folder of wishes, and keeps the list of streams."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._seen: tuple[int, int] | None = None
        self._told: list[str] | None = None
        self._next = 0.0

    def obey(self, engine: Engine) -> None:
        """Often called; a disk that does not answer keeps what was known."""
        try:
            changed = self._read(engine)
            if changed or time.monotonic() >= self._next:
                self._next = time.monotonic() + EVERY
                self._tell(sorted(silenced_streams(engine, time.time_ns())))
        except OSError as error:
            logger.warning("The silences cannot be read or told now: %s", error.strerror)

    def _read(self, engine: Engine) -> bool:
        try:
            found = self.session.silences.stat()
        except FileNotFoundError:
            return False
        seen = (found.st_mtime_ns, found.st_ino)
        if seen == self._seen:
            return False
        engine.silences = tuple(read_silences(self.session.silences))
        self._seen = seen
        return True

    def _tell(self, streams: list[str]) -> None:
        """Replaced by rename, not synced: after a power cut it is made again from the wishes."""
        if streams == self._told or (not streams and self._told is None and not self.session.silenced.exists()):
            return
        temporary = self.session.silenced.with_suffix(".tmp")
        temporary.write_text(json.dumps(streams), encoding="ascii")
        temporary.rename(self.session.silenced)
        self._told = streams


def silenced_streams(engine: Engine, time_ns: int) -> set[str]:
    """The streams of calls that nobody may hear at this time."""
    now = [one for one in engine.silences if one.holds_at(time_ns)]
    if not now:
        return set()
    found = {
        match.flow.stream
        for call in engine.live.values()
        if any(one.is_of(engine.identify(call), call.call_ids) for one in now)
        for match in matching.matches(call, engine.flows)
    }
    alone = [
        flows for flows in engine.unexplained() if any(one.is_of(alone_id(engine.origin, flows), ()) for one in now)
    ]
    return found | {flow.stream for flows in alone for flow in flows}
