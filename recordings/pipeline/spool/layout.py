"""The folder of one capture session: where its files lie, whose it is, and who may write it."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apresa.shared.files import write_atomically
from recordings.pipeline.spool.errors import SpoolBusy, SpoolForeign

FORMAT = 1
OFFERS = "offers"
"""The session of what the other node of a cluster heard, and this one did not."""
WAITING = "waiting"
"""Sessions of earlier boots, sealed, whose keys are gone."""


@dataclass(frozen=True, slots=True)
class Session:
    """One spool session; see docs/spool.md for the files in it."""

    path: Path

    @property
    def journal(self) -> Path:
        return self.path / "journal"

    @property
    def streams(self) -> Path:
        return self.path / "streams"

    @property
    def calls(self) -> Path:
        return self.path / "calls"

    @property
    def policy(self) -> Path:
        return self.path / "policy.json"

    @property
    def key_log(self) -> Path:
        """Secrets of TLS connections in an imported capture; goes with the session."""
        return self.path / "keys.log"

    @property
    def silences(self) -> Path:
        """Which spans of calls nobody may hear."""
        return self.path / "silences"

    @property
    def silenced(self) -> Path:
        """The streams that are silenced now, as signalling tells the sniffer."""
        return self.path / "silenced.json"

    @property
    def checkpoint(self) -> Path:
        return self.path / "signalling.json"

    @property
    def runs(self) -> Path:
        """The wrapped keys of sealed files, a small file for each run of a writer; there once anything was sealed."""
        return self.path / "runs"

    def stream(self, name: str) -> Path:
        return self.streams / f"{name}.stream"

    def resolved(self, name: str) -> Path:
        return self.streams / f"{name}.resolved"

    def call(self, local: str) -> Path:
        return self.calls / f"{local}.call"

    def create(self, node: str) -> None:
        """Make the folders of a session of this node, or check that an existing one is ours.

        Raises SpoolForeign for the spool of another node or of a format that this release does not know.
        """
        for folder in (self.journal, self.streams, self.calls):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        identity = self.path / "session.json"
        if not identity.exists():
            write_atomically(identity, json.dumps({"format": FORMAT, "node": node}).encode())
        self.check(node)

    def check(self, node: str) -> None:
        """Raise SpoolForeign unless this release may read and remove this node's session."""
        try:
            found = json.loads((self.path / "session.json").read_bytes())
            version, owner = found["format"], found["node"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SpoolForeign(f"{self.path} has no readable session.json: {error}") from error
        if version != FORMAT:
            raise SpoolForeign(f"{self.path} has spool format {version}; this release reads format {FORMAT}")
        if owner != node:
            raise SpoolForeign(f"{self.path} belongs to node {owner}, not to this node {node}")

    @contextmanager
    def lock(self, role: str) -> Iterator[None]:
        """Be the one process with this role ("holder", "signalling") in this session; raises SpoolBusy."""
        handle = os.open(self.path / f"{role}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SpoolBusy(f"another {role} is already at work in {self.path}") from None
            yield
        finally:
            os.close(handle)


def sessions(spool: Path) -> list[Session]:
    """The live session, offers, those of earlier boots and all imports under a node's spool folder, if they exist."""
    more = [*sorted((spool / WAITING).glob("*")), *sorted((spool / "imports").glob("*"))]
    found = [spool / "live", spool / OFFERS, *more]
    return [Session(path) for path in found if (path / "session.json").exists()]
