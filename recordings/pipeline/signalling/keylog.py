"""NSS key log files (SSLKEYLOGFILE): the secrets of TLS connections by the random number of their client."""

import re
from collections.abc import Iterable
from contextlib import suppress

LARGEST = 64 << 20
MOST_SECRETS = 400_000
MASTER = "CLIENT_RANDOM"
HANDSHAKE = ("SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_HANDSHAKE_TRAFFIC_SECRET")  # [is it the client's]
TRAFFIC = ("SERVER_TRAFFIC_SECRET_0", "CLIENT_TRAFFIC_SECRET_0")
_LINE = re.compile(rb"^([A-Z_0-9]{1,64}) +([0-9a-fA-F]{64}) +((?:[0-9a-fA-F]{2}){16,64})[ \t]*\r?$", re.MULTILINE)
_WANTED = {MASTER, *HANDSHAKE, *TRAFFIC}


class KeyLogError(ValueError):
    """The file is no key log that can be used; the message says why."""


class KeyLog:
    """What is known; `randoms` are those of connections with at least one secret."""

    def __init__(self, parts: Iterable[bytes] = ()) -> None:
        self.secrets: dict[tuple[str, bytes], bytes] = {}
        self.randoms: set[bytes] = set()
        for part in parts:
            self.add(part)

    def __repr__(self) -> str:
        return f"KeyLog({len(self.secrets)} secrets)"  # secrets are in no log and no traceback

    def add(self, data: bytes) -> None:
        """Take in a key log; lines that are none are passed over. Raises KeyLogError."""
        if len(data) > LARGEST:
            raise KeyLogError(f"the key log has {len(data)} bytes; at most {LARGEST} are read")
        before = len(self.secrets)
        for found in _LINE.finditer(data):
            label, random = found.group(1).decode(), bytes.fromhex(found.group(2).decode())
            if label not in _WANTED:
                continue
            if len(self.secrets) >= MOST_SECRETS:
                raise KeyLogError(f"the key log has more than {MOST_SECRETS} secrets")
            self.secrets[label, random] = bytes.fromhex(found.group(3).decode())
            self.randoms.add(random)
        if data.strip() and len(self.secrets) == before and not self.randoms:
            raise KeyLogError("no line is one of an NSS key log (CLIENT_RANDOM, 64 and 96 hexadecimal digits)")

    def take(self, parts: list[bytes]) -> set[bytes]:
        """Take in and remove these parts, passing over what is no key log; the randoms now known."""
        while parts:
            with suppress(KeyLogError):
                self.add(parts.pop())
        return self.randoms

    def text(self) -> bytes:
        """A key log with all that is known."""
        lines = (f"{label} {random.hex()} {secret.hex()}\n" for (label, random), secret in self.secrets.items())
        return "".join(lines).encode()

    def get(self, label: str, random: bytes) -> bytes | None:
        return self.secrets.get((label, random))
