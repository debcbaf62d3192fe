"""A key pair, this boot's keys in memory, and a policy that says: seal."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from apresa.shared.sealing.datakey import key_pair_id, unwrap_half
from apresa.shared.sealing.header import parse_header
from recordings.pipeline.spool.keys import KeyFolder, keys, use
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.policy import Policy, Recipient, write_policy
from recordings.pipeline.spool.sealing import Sealing, sealing_of

PRIVATE = X25519PrivateKey.from_private_bytes(bytes(range(32)))


def recipient(private: X25519PrivateKey = PRIVATE) -> Recipient:
    public = private.public_key()
    return Recipient(key_pair_id(public).hex(), public.public_bytes_raw().hex())


@contextmanager
def boot() -> Iterator[KeyFolder]:
    """Keys in memory, as of a boot; without them it is as after the next one."""
    before, folder = keys(), Path(tempfile.mkdtemp(prefix="apresa-keys-", dir="/dev/shm"))
    use(folder)
    try:
        yield keys()
    finally:
        use(None if before.path == Path("/dev/null") else before.path)
        shutil.rmtree(folder)


def reboot(folder: KeyFolder) -> None:
    """Empty what is volatile."""
    for run in folder.runs():
        folder.forget(run)


def unlock(session: Session, folder: KeyFolder, private: X25519PrivateKey = PRIVATE) -> None:
    """What the private key gives for each run of a session."""
    for path in session.runs.glob("*.run"):
        run = parse_header(path.read_bytes())
        folder.put(run.call, unwrap_half(run, private))


def sealed_session(path: Path, node: str = "node", **policy: object) -> Session:
    """A session whose policy says that calls are sealed."""
    session = Session(path)
    session.create(node)
    write_policy(session.policy, replace(Policy(number=1), recipient=recipient(), **policy))  # type: ignore[arg-type]
    return session


def sealing(path: Path) -> tuple[Session, Sealing]:
    session = sealed_session(path / str(uuid.uuid4()))
    return session, sealing_of(session)


def all_bytes(folder: Path) -> bytes:
    """What whoever has the disk can search."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
