"""a=crypto lines of SDP (RFC 4568): which suite, which master keys."""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass

LONGEST = 2000
MOST_KEYS = 16  # of one line
_LINE = re.compile(r"\s*([0-9]{1,9})\s+(\S{1,64})\s+(\S{1,1500})((?:\s+\S{1,200}){0,16})\s*")
_INLINE = re.compile(
    r"inline:([A-Za-z0-9+/]{16,88}={0,2})(?:\|((?:2\^)?[0-9]{1,20}))?(?:\|([0-9]{1,40}):([0-9]{1,3}))?"
)
_MOST_MKI = 128


class SdesError(ValueError):
    """The line names no key that can be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Suite:
    """Sizes in bytes: master key, master salt, authentication tag."""

    name: str
    key: int
    salt: int
    tag: int
    gcm: bool = False


_COUNTER_MODES = [
    Suite(name.format(tag), key, 14, size)
    for name, key in (("AES_CM_128_HMAC_SHA1_{}", 16), ("AES_192_CM_HMAC_SHA1_{}", 24), ("AES_256_CM_HMAC_SHA1_{}", 32))
    for tag, size in ((80, 10), (32, 4))
]
SUITES = {
    suite.name: suite
    for suite in (
        *_COUNTER_MODES,
        Suite("AEAD_AES_128_GCM", 16, 12, 16, gcm=True),
        Suite("AEAD_AES_256_GCM", 32, 12, 16, gcm=True),
    )
}


@dataclass(frozen=True, slots=True)
class MasterKey:
    """`mki` is b"" where packets name no key; `tag` the size of their tags; `rate_bits` of the key derivation rate."""

    suite: Suite
    key: bytes
    salt: bytes
    mki: bytes = b""
    tag: int = 10
    encrypted: bool = True
    rate_bits: int = 0

    def __repr__(self) -> str:
        return f"MasterKey({self.suite.name})"  # keys are in no log and no traceback


def parse_crypto(value: str) -> list[MasterKey]:
    """The keys of what stands after "a=crypto:". Raises SdesError."""
    found = _LINE.fullmatch(value[:LONGEST])
    if not found:
        raise SdesError("the crypto line has not tag, suite and key")
    suite = SUITES.get(found.group(2).upper())
    if suite is None:
        raise SdesError(f"the suite {found.group(2)[:40]} is not supported")
    tag, encrypted, rate_bits = suite.tag, True, 0
    for word in found.group(4).split():
        name, _, number = word.upper().partition("=")
        if name == "UNENCRYPTED_SRTP":
            encrypted = False
        elif name == "UNAUTHENTICATED_SRTP" and not suite.gcm:
            tag = 0
        elif name == "KDR" and number.isascii() and number.isdigit() and int(number[:3]) <= 24:
            rate_bits = int(number)
    return [
        MasterKey(suite, key, salt, mki, tag, encrypted, rate_bits)
        for key, salt, mki in (_inline(part, suite) for part in found.group(3).split(";", MOST_KEYS)[:MOST_KEYS])
    ]


def _inline(text: str, suite: Suite) -> tuple[bytes, bytes, bytes]:
    found = _INLINE.fullmatch(text)
    if not found:
        raise SdesError("the key of the crypto line is not given inline")
    try:
        both = b64decode(found.group(1) + "=" * (-len(found.group(1)) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise SdesError("the key of the crypto line is not base64") from None
    if len(both) != suite.key + suite.salt:
        raise SdesError(
            f"the key of the crypto line has {len(both)} bytes, {suite.name} needs {suite.key + suite.salt}"
        )
    mki = b""
    if found.group(3):
        number, size = int(found.group(3)), int(found.group(4))
        if not 0 < size <= _MOST_MKI or number >> 8 * size:
            raise SdesError("the key identifier of the crypto line does not fit its size")
        mki = number.to_bytes(size)
    return both[: suite.key], both[suite.key :], mki
