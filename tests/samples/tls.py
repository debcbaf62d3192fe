"""TLS connections as OpenSSL makes them, in memory, with their key log; and a certificate to make them with."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from recordings.pipeline.capture.frames import Segment

PHONE, SERVER = "192.0.2.1:50001", "192.0.2.2:5061"
NO_MAC_LAST = 1 << 19  # SSL_OP_NO_ENCRYPT_THEN_MAC


@cache
def certificate(kind: str) -> bytes:
    """Key and certificate in PEM."""
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sip.example.com")])
    begin = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(begin).not_valid_after(begin + timedelta(1))
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(pem, *plain) + made.sign(key, hashes.SHA256()).public_bytes(pem)


@dataclass(slots=True)
class Wire:
    """What both sides sent, as segments of at most `size` bytes."""

    size: int = 1400
    segments: list[Segment] = field(default_factory=list)
    _next: dict[str, int] = field(default_factory=dict)

    def carry(self, source: str, destination: str, data: bytes) -> None:
        for begin in range(0, len(data), self.size):
            piece = data[begin : begin + self.size]
            at = self._next.get(source, 1000)
            self.segments.append(Segment(len(self.segments), source, destination, at, 0, 16, piece))
            self._next[source] = at + len(piece)


class Connection:
    """A phone and its server."""

    def __init__(
        self, folder: Path, ciphers: str = "", *, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2, size: int = 1400,
        mac_last: bool = True, port: int = 50001,
    ) -> None:  # fmt: skip
        self.log = folder / "keys.log"
        pem = folder / "server.pem"
        pem.write_bytes(certificate("ec" if "ECDSA" in ciphers else "rsa"))
        self.phone_at, self.wire = f"192.0.2.1:{port}", Wire(size)
        self.client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.client.check_hostname, self.client.verify_mode = False, ssl.CERT_NONE
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(pem)
        for context in (self.client, self.server):
            context.minimum_version = context.maximum_version = version
            if ciphers:
                context.set_ciphers(ciphers + ":@SECLEVEL=0")
            if not mac_last:
                context.options |= NO_MAC_LAST
        self.client.keylog_filename = str(self.log)
        self.connect()

    def connect(self, session: ssl.SSLSession | None = None) -> None:
        """A new connection, which may resume a session."""
        self._in = {name: ssl.MemoryBIO() for name in ("phone", "server")}
        self._out = {name: ssl.MemoryBIO() for name in ("phone", "server")}
        self.phone = self.client.wrap_bio(self._in["phone"], self._out["phone"], session=session)
        self.partner = self.server.wrap_bio(self._in["server"], self._out["server"], server_side=True)
        for _ in range(4):
            for side in (self.phone, self.partner):
                self._try(side.do_handshake)

    def _try(self, act: Callable[[], object]) -> None:
        with suppress(ssl.SSLWantReadError):
            act()
        self._pump()

    def _pump(self) -> None:
        for name, other, ends in (
            ("phone", "server", (self.phone_at, SERVER)),
            ("server", "phone", (SERVER, self.phone_at)),
        ):
            data = self._out[name].read()
            self.wire.carry(*ends, data)
            self._in[other].write(data)

    def say(self, data: bytes, *, server: bool = False) -> None:
        """Send, and let the other side take it."""
        (self.partner if server else self.phone).write(data)
        self._pump()
        self._try(lambda: (self.phone if server else self.partner).read(1 << 20))
