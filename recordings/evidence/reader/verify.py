#!/usr/bin/env python3
"""Check an evidence package without Apresa: python3 verify.py PACKAGE.zip [--key FINGERPRINT]

Needs nothing but Python 3.8 or later. Answers 0 when the package is whole, 1 when it is not, 2 when it was not asked
rightly. Compare the fingerprints that it prints with those that the owner of the recorder gave you by another way.
"""

import hashlib
import json
import sys
import zipfile
from typing import Any, Dict, List, Optional, Sequence, Tuple

Point = Tuple[int, int, int, int]

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
MOST = 1 << 32


class Rejected(Exception):
    """The package does not prove what it says."""


def add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(s: int, p: Point) -> Point:
    q = (0, 1, 1, 0)
    while s > 0:
        if s & 1:
            q = add(q, p)
        p = add(p, p)
        s >>= 1
    return q


def recover_x(y: int, sign: int) -> Optional[int]:
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def point(data: bytes) -> Optional[Point]:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0) or 0
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Ed25519 (RFC 8032, section 5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def unhex(text: str) -> bytes:
    """One form only: what may be written in two ways could be changed unnoticed."""
    data = bytes.fromhex(text)
    require(data.hex() == text, "A number in the package is not written in the one form.")
    return data


def require(condition: object, sentence: str) -> None:
    if not condition:
        raise Rejected(sentence)


def read_package(path: str) -> Tuple[Dict[str, str], Dict[str, bytes]]:
    """Digests of all files, and the content of the small ones."""
    digests: Dict[str, str] = {}
    contents: Dict[str, bytes] = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            require(info.filename not in digests, "The package holds two files named %s." % info.filename)
            require(info.file_size < MOST, "The file %s is too large." % info.filename)
            digest, kept = hashlib.sha256(), b""
            with archive.open(info) as file:
                for data in iter(lambda: file.read(1 << 20), b""):
                    digest.update(data)
                    if info.filename.endswith((".json", ".jsonl", ".sig")):
                        kept += data
            digests[info.filename], contents[info.filename] = digest.hexdigest(), kept
    return digests, contents


def check_manifest(digests: Dict[str, str], contents: Dict[str, bytes], keys: Dict[str, Any]) -> Any:
    seal = json.loads(contents["manifest.sig"])
    signed = b"apresa-package-1\n" + contents["manifest.json"]
    form = '{"key":"%s","signature":"%s"}' % (seal["key"], seal["signature"])
    require(contents["manifest.sig"] == form.encode(), "The seal is not written in the one form.")
    require(seal["key"] in keys, "The package was signed by a key that it does not name.")
    good = is_signed(unhex(seal["key"]), unhex(seal["signature"]), signed)
    require(good, "The list of files was changed: its signature is not good.")
    manifest = json.loads(contents["manifest.json"])
    require(manifest["format"] == "apresa-evidence-1", "The package has a format that this program does not know.")
    inside = set(digests) - {"manifest.json", "manifest.sig"}
    for name in sorted(set(manifest["files"]) | inside):
        require(name in inside, "The file %s was taken away." % name)
        require(name in manifest["files"], "The file %s was put in." % name)
        require(manifest["files"][name] == digests[name], "The file %s was changed." % name)
    return manifest


def check_chain(chain: Any, keys: Dict[str, Any]) -> Dict[str, Tuple[str, str, str]]:
    """The links of one chain up to a signed head: {digest of a body: (kind, time, digest of the link)}."""
    found: Dict[str, Tuple[str, str, str]] = {}
    last: Optional[Tuple[str, str, int, str]] = None
    for text in chain["links"]:
        mark, node, boot, number, at, kind, previous, body = text.split("\n")
        require(mark == "apresa-link-1", "A link of the chain cannot be read.")
        if int(number) == 1:
            first = sha256(("apresa-chain-1\n%s\n%s" % (node, boot)).encode())
            require(previous == first, "The chain does not begin as the chain of its node does.")
        if last is not None:
            follows = last[:2] == (node, boot) and int(number) == last[2] + 1 and previous == last[3]
            require(follows, "Link %s of the chain does not follow the one before it." % number)
        last = (node, boot, int(number), sha256(text.encode()))
        found[body] = (kind, at, last[3])
    statement = chain["head"]["text"]
    mark, node, boot, number, digest, at = statement.split("\n")
    require(mark == "apresa-head-1", "The head of the chain cannot be read.")
    require(last == (node, boot, int(number), digest), "The signed head is not the end of the chain.")
    check_signatures(chain["head"], keys, node)
    return found


def check_signatures(statement: Any, keys: Dict[str, Any], node: Optional[str]) -> None:
    """At least the node itself signed, and every signature is good."""
    signers = set()
    for item in statement["signatures"]:
        require(item["key"] in keys, "A statement was signed by a key that the package does not name.")
        good = is_signed(unhex(item["key"]), unhex(item["signature"]), statement["text"].encode())
        require(good, "A signature is not good.")
        signers.add(keys[item["key"]]["node"])
    require(node in signers if node else signers, "The node did not sign its own statement.")


def check_day(day: Any, keys: Dict[str, Any]) -> str:
    """The link that is proved to be one of that day's."""
    found = hashlib.sha256(b"\0" + unhex(day["leaf"])).digest()
    for side, neighbour in day["path"]:
        other = unhex(neighbour)
        require(side in ("left", "right"), "The path through the day's tree cannot be read.")
        found = hashlib.sha256(b"\1" + (other + found if side == "left" else found + other)).digest()
    mark, date, _count, root, _previous = day["text"].split("\n")
    require(mark == "apresa-day-1" and root == found.hex(), "The day's tree does not lead to its signed root.")
    check_signatures(day, keys, None)
    return str(date)


def check_content(
    digests: Dict[str, str], contents: Dict[str, bytes], proof: Any, links: Dict[str, Tuple[str, str, str]]
) -> Tuple[List[str], str]:
    """The recording, the facts and the audit trail against the links. Returns the sentences of what is proved."""
    body = json.loads(proof["stored"])
    kind, at, link = links.get(sha256(proof["stored"].encode()), ("", "", ""))
    require(kind == "stored", "No link of the chain speaks of this recording.")
    facts = contents["metadata.json"]
    require(body["facts"] == sha256(proof["salt"].encode() + b"\n" + facts), "The facts of the call were changed.")
    known = json.loads(facts)
    require(known["id"] == body["call"] == proof["call"], "The proof is that of another call.")
    require(known["version"] == body["version"], "The proof is that of another version.")
    proved = ["The facts of the call are those that were noted %s: from %s to %s, begun %s."
              % (at, known["caller"] or "unknown", known["callee"] or "unknown", known["started"])]  # fmt: skip
    for role in ("recording", "details"):
        name = proof["names"][role]
        require((digests.get(name) if name else "") == body[role], "The %s is not the one that was stored." % role)
    if proof["names"]["recording"]:
        proved.append("The recording (%s) is, bit for bit, the one that was stored." % proof["names"]["recording"])
    lines = [line for line in contents["audit.jsonl"].decode().split("\n") if line]
    for line in lines:
        require(
            links.get(sha256(line.encode()), ("", "", ""))[0] == "audit", "An entry of the audit trail is in no chain."
        )
    proved.append("Each of the %d entries of the audit trail stands in a chain as it was written." % len(lines))
    return proved, link


def verify(path: str, wanted: Sequence[str] = ()) -> Tuple[List[str], List[Any]]:
    """(what is proved, the keys it rests on). Raises Rejected."""
    try:
        digests, contents = read_package(path)
        proof = json.loads(contents["proof.json"])
        keys = {item["public"]: item for item in proof["keys"]}
        manifest = check_manifest(digests, contents, keys)
        require(manifest["call"] == proof["call"], "The list of files is that of another call.")
        links: Dict[str, Tuple[str, str, str]] = {}
        for chain in proof["chains"]:
            links.update(check_chain(chain, keys))
        proved, link = check_content(digests, contents, proof, links)
        for day in proof["days"]:
            require(day["leaf"] == link, "The day's tree is that of another link.")
            proved.append("The link is one of those of %s, under that day's signed root." % check_day(day, keys))
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, NotImplementedError,
            RecursionError, RuntimeError, zipfile.BadZipFile) as error:  # fmt: skip
        raise Rejected("The package cannot be read: %s." % type(error).__name__) from None
    unknown = [item for item in keys if wanted and fingerprint(item) not in wanted]
    require(not unknown, "The package rests on a key that is not among those that you named.")
    return proved, [keys[item] for item in sorted(keys)]


def fingerprint(public: str) -> str:
    return sha256(unhex(public))


def main(arguments: List[str]) -> int:
    wanted = [value for name, value in zip(arguments, arguments[1:]) if name == "--key"]
    paths = [item for item in arguments if item != "--key" and item not in wanted]
    if len(paths) != 1 or arguments[-1:] == ["--key"]:
        print("Say which package to check: python3 verify.py PACKAGE.zip [--key FINGERPRINT]")
        return 2
    try:
        proved, keys = verify(paths[0], wanted)
    except OSError as error:
        print("The file cannot be read: %s." % error.strerror)
        return 2
    except Rejected as error:
        print("CHANGED. %s" % error)
        return 1
    print("WHOLE. What is proved, as far as the keys below are the recorder's own:")
    for sentence in proved:
        print("  - " + sentence)
    for key in keys:
        print("  key of %s: %s" % (key["name"], fingerprint(key["public"])))
    print("What is not proved:")
    print("  - when it was: the times are those of the recorder's own clock, no outside authority stamped them.")
    print("  - that a person with the recorder's private key did not make all of it; compare the fingerprints.")
    print("  - that the audit trail has no further entries, and who the people on the telephone are.")
    print("  - other files, such as listen.wav, beyond their being as they were when the package was made.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
