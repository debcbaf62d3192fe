"""How a process writes spool files: sealed for the policy's recipient, or in clear while the policy has none.

One run of a writer has one half of the key, wrapped once: on the disk before the first sealed byte (PROTOCOL K7), and
in the folder of this boot's keys before the first file that needs it. With encryption on and no usable key it raises
OSError, like a full disk: packets wait, are counted when they are lost, and nothing is written in clear (law 1).
"""

import errno
import fcntl
import os
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from apresa.shared.files import sync_folder, write_atomically
from apresa.shared.sealing.datakey import wrap_half
from apresa.shared.sealing.header import Header, Purpose
from apresa.shared.sealing.records import Records, file_key, new_head, seal_whole
from recordings.pipeline.spool.keys import keys
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.policy import PolicyReader, Recipient

RUN_SECONDS = 3600.0
"""After this, new files get a new run, so that a key goes when the files of its hour are gone."""


@dataclass(frozen=True, slots=True)
class _Run:
    header: Header
    half: bytes
    recipient: Recipient
    since: float
    lock: int


class Sealing:
    """Of one session and process."""

    def __init__(self, session: Session, policy: PolicyReader) -> None:
        self.session = session
        self.policy = policy
        self._run: _Run | None = None

    def recipient(self) -> Recipient | None:
        """Whom new files are sealed for; None: they are clear. Raises OSError where that is not known.

        A policy that is gone or unreadable says nothing: where sealing was on, it is not taken for off.
        """
        if not self.policy.known:
            self.policy.current()
        if not self.policy.known and self.session.runs.exists():
            raise OSError(errno.ENOKEY, "the policy that says for whom calls are sealed cannot be read")
        return self.policy.policy.recipient

    def begin(self, name: str) -> Records | None:
        """What seals a new file of this name (without its ending); None: it is to be clear. Raises OSError."""
        recipient = self.recipient()
        if recipient is None:
            return None
        run = self._run
        if run is None or run.recipient != recipient or time.monotonic() - run.since > RUN_SECONDS:
            run = self._new_run(recipient)
        head = new_head(run.header)
        return Records(head, file_key(head, run.half, name))

    def write(self, path: Path, content: bytes) -> None:
        """A whole file by temporary file, fsync, rename. Raises OSError."""
        records = self.begin(path.stem)
        write_atomically(path, content if records is None else seal_whole(records, content))

    def _new_run(self, recipient: Recipient) -> _Run:
        try:
            public = X25519PublicKey.from_public_bytes(bytes.fromhex(recipient.public_key))
            header, half = wrap_half(uuid.uuid4(), Purpose.SPOOL, public)
        except ValueError as error:
            raise OSError(errno.ENOKEY, f"calls cannot be sealed for this public key: {error}") from error
        try:
            keys().put(header.call, half)
        except OSError as error:  # one number for all that is wrong with keys, whatever the folder's fault
            raise OSError(errno.ENOKEY, f"the key of sealed calls cannot be kept: {error.strerror}") from error
        if not self.session.runs.exists():
            self.session.runs.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self.session.path)
        path = self.session.runs / f"{header.call}.run"
        write_atomically(path, header.pack())
        # Held as long as new files may get this run: until then nobody takes it for done with.
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(lock, fcntl.LOCK_SH)
        if self._run:
            os.close(self._run.lock)
        self._run = _Run(header, half, recipient, time.monotonic(), lock)
        return self._run


def sealing_of(live: Session, session: Session | None = None) -> Sealing:
    """For a process that follows no policy otherwise: as the policy of `live` says, for files of `session`."""
    reader = PolicyReader(live.policy)
    reader.current()
    return Sealing(session or live, reader)
