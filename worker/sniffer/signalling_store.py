"""What signalling leaves in the spool: call files, markers of settled streams, its checkpoint; each exactly once.

Order of writes: call files under a temporary name, the checkpoint that names them, their rename, the markers. Whatever
is killed in between, the next start either finishes the renames or does the same work again.
"""

import json
import os
from itertools import pairwise
from typing import Any

from apresa.shared.files import sync_folder
from recordings.pipeline.signalling.engine import Engine
from recordings.pipeline.spool.calls import CallFile, write_call
from recordings.pipeline.spool.content import read_whole
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.sealing import Sealing
from recordings.pipeline.spool.segments import segments

FORMAT = 1


class Store:
    """The files of one session that signalling writes."""

    def __init__(self, session: Session, sealing: Sealing) -> None:
        self.session = session
        self.sealing = sealing
        self.low_water = 0

    def load(self) -> dict[str, Any] | None:
        """The last checkpoint, its work finished; None at the first start. Raises SpoolError, OSError."""
        try:
            state = json.loads(read_whole(self.session.checkpoint))
        except FileNotFoundError:
            state = None
        except SpoolError:
            raise
        except ValueError as error:
            raise SpoolError(f"the checkpoint is not JSON: {error}") from error
        if state is not None and (not isinstance(state, dict) or state.get("format") != FORMAT):
            raise SpoolError("the checkpoint has another format than this release")
        self._publish(state["handed"] if state else [])
        for leftover in self.session.calls.glob("*.pending"):
            leftover.unlink()
        if state:
            self._mark([flow["stream"] for flow in state["streams"] if flow["settled"]])
        return state

    def hand_over(self, engine: Engine, calls: list[CallFile]) -> None:
        """Make the calls settle's, note how far signalling is, and let go of journal and streams. Raises OSError."""
        for call in calls:
            if not self.session.call(call.local).exists():
                write_call(self.session.calls / f"{call.local}.pending", call, self.sealing)
        handed = [call.local for call in calls]
        state = {"format": FORMAT, **engine.state(), "handed": handed}
        self.sealing.write(self.session.checkpoint, json.dumps(state, separators=(",", ":")).encode())
        self._publish(handed)
        self._mark(engine.settled)
        engine.take_settled()  # only now: a full disk may have refused a marker
        self._trim(int(state["low_water"]))

    def _publish(self, handed: list[str]) -> None:
        pending = [(self.session.calls / f"{local}.pending", self.session.call(local)) for local in handed]
        for before, after in pending:
            if before.exists():
                before.rename(after)
        if pending:
            sync_folder(self.session.calls)

    def _mark(self, streams: list[str]) -> None:
        present = [name for name in streams if self.session.stream(name).exists()]
        for name in present:
            os.close(os.open(self.session.resolved(name), os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        if present:
            sync_folder(self.session.streams)

    def _trim(self, low_water: int) -> None:
        """Remove journal segments that no restart would read; the newest stays."""
        if low_water == self.low_water:
            return
        self.low_water = low_water
        found = segments(self.session.journal)
        for path, following in pairwise(found):
            if int(following.stem) > low_water:
                break
            path.unlink()
