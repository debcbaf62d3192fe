"""An evidence package made in code, and fifty ways to change it."""

import hashlib
import io
import json
import random
import uuid
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from recordings.evidence import chain, merkle, package, statement
from recordings.evidence.chain import AUDIT, STORED, Link, canonical, digest, salted
from recordings.evidence.keys import NodeKey

NODE, BOOT, CALL, AT = str(uuid.UUID(int=1)), str(uuid.UUID(int=2)), str(uuid.UUID(int=3)), "2026-03-04T05:06:07+00:00"
SOUND, SALT = bytes(range(256)) * 40, "5a" * 16
Files = list[tuple[str, bytes]]


def new_key() -> NodeKey:
    return NodeKey(Ed25519PrivateKey.generate())


def chain_of(bodies: list[tuple[str, str]]) -> list[Link]:
    links: list[Link] = []
    previous = chain.beginning(NODE, BOOT)
    for number, (kind, body) in enumerate(bodies, 1):
        links.append(Link(NODE, BOOT, number, AT, kind, previous, digest(body)))
        previous = links[-1].digest
    return links


def signed(text: str, *keys: NodeKey) -> dict[str, Any]:
    return {"text": text, "signatures": [{"key": key.public, "signature": key.sign(text)} for key in keys]}


def write(path: Path, key: NodeKey, other: NodeKey) -> None:
    """A whole package: a call, three audit entries, a counter-signed head and a closed day."""
    facts = canonical({"id": CALL, "version": 1, "caller": "100", "callee": "200", "started": AT})
    details = b"the signalling"
    lines = [canonical({"actor": "anna", "action": "call-listened", "number": number}) for number in range(3)]
    bytes_digest = {"recording": SOUND, "details": details}
    stored = canonical(
        {"call": CALL, "version": 1, "facts": salted(SALT, facts), "packets": ""}
        | {name: hashlib.sha256(data).hexdigest() for name, data in bytes_digest.items()}
    )
    links = chain_of([(STORED, "another call"), (STORED, stored), *[(AUDIT, line) for line in lines]])
    digests = [link.digest for link in links]
    day = signed(statement.day(date(2026, 3, 4), len(links), merkle.root(digests), ""), key, other)
    proof = {
        "call": CALL,
        "stored": stored,
        "salt": SALT,
        "names": {"recording": "recording.flac", "details": "details.json.gz"},
        "chains": [{"links": [link.text for link in links], "head": signed(statement.head(links[-1], AT), key, other)}],
        "days": [day | {"leaf": digests[1], "path": merkle.path(digests, 1)}],
        "keys": [
            {"node": NODE, "name": "a", "public": key.public},
            {"node": str(uuid.UUID(int=9)), "name": "b", "public": other.public},
        ],
    }
    with package.writing(path) as made:
        made.add("metadata.json", facts.encode())
        made.add("audit.jsonl", "\n".join(lines).encode())
        made.add("details.json.gz", details)
        made.add("recording.flac", SOUND)
        made.add("proof.json", json.dumps(proof).encode())
        made.close(CALL, AT, key)


def read(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def packed(files: Files) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return target.getvalue()


def resealed(files: Files, key: NodeKey) -> Files:
    """As a forger does who makes the list of files fit again, with this key."""
    inner = [item for item in files if item[0] not in {package.MANIFEST, package.SIGNATURE}]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        made = package.Package(archive)
        for name, data in inner:
            made.add(name, data)
        made.close(CALL, AT, key)
    with zipfile.ZipFile(stream) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def edited(files: Files, name: str, change: Any) -> Files:
    return [(item, change(data) if item == name else data) for item, data in files]


def _flipped(files: Files, draw: random.Random) -> Files:
    name = draw.choice([item for item, data in files if data])

    def flip(data: bytes) -> bytes:
        place = draw.randrange(len(data))
        return data[:place] + bytes([data[place] ^ 1 << draw.randrange(8)]) + data[place + 1 :]

    return edited(files, name, flip)


def _in_proof(change: Any) -> Any:
    def act(data: bytes) -> bytes:
        proof = json.loads(data)
        change(proof)
        return json.dumps(proof).encode()

    return act


def flips(files: Files, count: int, seed: int = 7) -> Iterator[bytes]:
    """So many packages with one bit changed in a file."""
    draw = random.Random(seed)
    for _ in range(count):
        yield packed(_flipped(files, draw))


def tampered(files: Files, key: NodeKey, seed: int = 7) -> Iterator[tuple[str, bytes]]:
    """Fifty packages, each with the name of what was done to it.

    The later ones are sealed again with the recorder's own key (the worst forger short of one who signs chains, too).
    """
    for number, data in enumerate(flips(files, 20, seed)):
        yield f"bit-{number}", data
    for name, _ in files:
        yield f"without-{name}", packed([item for item in files if item[0] != name])
    yield "added", packed([*files, ("more.txt", b"more")])
    yield "cut", packed(edited(files, "recording.flac", lambda data: data[:-1]))
    stranger = new_key()
    yield "sealed-by-a-stranger", packed(resealed(files, stranger))
    yield "zip-cut", packed(files)[:-100]
    changes: dict[str, Any] = {
        "link-taken": lambda proof: proof["chains"][0]["links"].pop(2),
        "first-link-again": lambda proof: proof["chains"][0]["links"].insert(0, proof["chains"][0]["links"][0]),
        "links-swapped": lambda proof: proof["chains"][0]["links"].reverse(),
        "no-chain": lambda proof: proof["chains"].clear(),
        "no-signature": lambda proof: proof["chains"][0]["head"]["signatures"].clear(),
        "only-the-other-signed": lambda proof: proof["chains"][0]["head"]["signatures"].pop(0),
        "head-later": lambda proof: proof["chains"][0]["head"].update(
            text=proof["chains"][0]["head"]["text"].replace("2026", "2027")
        ),
        "other-salt": lambda proof: proof.update(salt="00" * 16),
        "other-leaf": lambda proof: proof["days"][0].update(leaf="00" * 32),
        "path-shorter": lambda proof: proof["days"][0]["path"].pop(),
        "day-other": lambda proof: proof["days"][0].update(text=proof["days"][0]["text"].replace("03-04", "03-05")),
        "stored-other": lambda proof: proof.update(stored=proof["stored"].replace(CALL, NODE)),
    }
    for title, change in changes.items():
        yield title, packed(resealed(edited(files, "proof.json", _in_proof(change)), key))
    inner = {
        "metadata.json": lambda data: data.replace(b'"100"', b'"101"'),
        "audit.jsonl": lambda data: data.replace(b"anna", b"otto"),
        "recording.flac": lambda data: data[::-1],
        "details.json.gz": lambda data: data + b" ",
    }
    for name, change in inner.items():
        yield f"resealed-{name}", packed(resealed(edited(files, name, change), key))
