"""What pairing keeps on a node: one folder that only the service's user reads, each file whole or not there."""

import fcntl
import json
import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from apresa.shared.files import create_once, sync_folder, write_atomically
from cluster.pairing import certificates, offer
from cluster.pairing.offer import Offer
from cluster.setup import kept
from cluster.setup.answers import Answers
from cluster.setup.kept import AnswersError

LONGEST_FILE = 64 * 1024
COROSYNC_KEY = "corosync.key"  # 128 bytes in hexadecimal digits
WORDS = ("drbd.secret", "replication.password", "database.password")
SECRETS = (COROSYNC_KEY, *WORDS)
ANSWERS = "answers.json"
LIBRARY = "library"  # the marker of the primary's library, which the secondary must know before it sees it
MOMENT = 0.05  # seconds between two tries for a lock


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class StoreError(ValueError):
    """A file of the pairing is not what it should be; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The other node, once both know each other."""

    node: str
    name: str
    address: str


class Store:
    """`folder`/{authority,node}.{key,pem}, request.pem, {offer,answers,peer}.json and one file per secret; all 0600."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)

    def read(self, name: str) -> bytes:
        """Raises OSError; of a longer file only the beginning."""
        with self.path(name).open("rb") as file:
            return file.read(LONGEST_FILE)

    def write(self, name: str, data: bytes) -> None:
        write_atomically(self.path(name), data, 0o600)

    def once(self, name: str, data: bytes) -> bytes:
        """The file's content, which is `data` where the file is new: so a second run goes on with the first one's."""
        create_once(self.path(name), data, 0o600)
        return self.read(name)

    def has(self, *names: str) -> bool:
        return all(self.path(name).is_file() for name in names)

    def remove(self, *names: str) -> None:
        for name in names:
            self.path(name).unlink(missing_ok=True)
        sync_folder(self.folder)

    def forget(self) -> None:
        """Part from the cluster as far as this node knows: the next pairing begins anew."""
        self.prepare()
        made = ("node.key", "node.pem", "request.pem", "authority.key", "authority.pem")
        self.remove("peer.json", "offer.json", "welcomed", *made, *SECRETS)

    def begin_cluster(self, node: uuid.UUID, now: datetime) -> None:
        """Give this node the cluster's authority, its own certificate and the secrets, as far as they are missing."""
        self.prepare()
        ca_key = self.once("authority.key", certificates.new_key())
        ca = self.once("authority.pem", certificates.authority(ca_key, now))
        key = self.once("node.key", certificates.new_key())
        request = certificates.request(key, node)
        self.once("node.pem", certificates.sign(request, node, ca_key, ca, now))
        certificates.check_node(self.read("node.pem"), ca, key, node)
        self.once(COROSYNC_KEY, secrets.token_hex(128).encode())
        for name in WORDS:
            self.once(name, secrets.token_urlsafe(32).encode())

    def secrets(self) -> dict[str, str]:
        """Everything that crosses to the other node, the authority's key included: either node may pair a new one."""
        return {name: self.read(name).decode("ascii") for name in (*SECRETS, "authority.key")}

    @contextmanager
    def only_one(self) -> Iterator[None]:
        """One change of the offer at a time, whatever process makes it."""
        with self.path("lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def only_listener(self, tries: int = 1) -> Iterator[bool]:
        """Whether nobody else here listens for the other node; until the end of the block nobody else may.

        Who only wants to know holds the lock for a moment, too: who wants to listen tries more often.
        """
        with self.path("listening").open("w") as lock:
            mine = _locked(lock)
            for _ in range(tries - 1):
                if mine:
                    break
                time.sleep(MOMENT)
                mine = _locked(lock)
            yield mine

    def answers(self) -> Answers | None:
        """What the set-up was asked for. Raises StoreError."""
        try:
            return kept.load(self.read(ANSWERS))
        except FileNotFoundError:
            return None
        except AnswersError as error:
            raise StoreError(str(error)) from None

    def keep_answers(self, answers: Answers) -> None:
        self.prepare()
        self.write(ANSWERS, kept.as_bytes(answers))

    def offer(self) -> Offer | None:
        """Raises offer.OfferError."""
        try:
            return offer.load(self.read("offer.json"))
        except FileNotFoundError:
            return None

    def keep_offer(self, current: Offer | None) -> None:
        if current is None:
            self.remove("offer.json")
        else:
            self.write("offer.json", current.as_bytes())

    def peer(self) -> Peer | None:
        """The other node. Raises StoreError."""
        try:
            found = json.loads(self.read("peer.json"))
            return Peer(**{name: str(found[name]) for name in ("node", "name", "address")})
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError, RecursionError):
            raise StoreError(f"The file {self.path('peer.json')} cannot be read; pair the nodes again.") from None

    def keep_peer(self, peer: Peer) -> None:
        self.write("peer.json", json.dumps(asdict(peer)).encode())
