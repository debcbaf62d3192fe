"""A secret split among N holders, of whom any M restore it (Shamir 1979), byte by byte over GF(256).

Fewer than M shares say nothing about the secret. A share is M, its number, its set's name (8 bytes) and its values;
printed as `printed.py` does, whose check finds typing errors before anything is combined.
"""

import os
import secrets
from dataclasses import dataclass
from functools import reduce
from operator import xor

from apresa.shared.sealing.errors import NotOpened

SET = 8
MOST = 16


def _tables() -> tuple[list[int], list[int]]:
    """Powers and logarithms of the generator 3 modulo x^8+x^4+x^3+x+1, the polynomial of AES (FIPS 197, 4.2)."""
    powers, logarithms = [0] * 255, [0] * 256
    value = 1
    for exponent in range(255):
        powers[exponent], logarithms[value] = value, exponent
        value ^= (value << 1) ^ (0x11B if value & 0x80 else 0)
    return powers, logarithms


_POWERS, _LOGARITHMS = _tables()


def multiply(one: int, other: int) -> int:
    return _POWERS[(_LOGARITHMS[one] + _LOGARITHMS[other]) % 255] if one and other else 0


def divide(one: int, other: int) -> int:
    if not other:
        raise ZeroDivisionError
    return _POWERS[(_LOGARITHMS[one] - _LOGARITHMS[other]) % 255] if one else 0


@dataclass(frozen=True, slots=True)
class Share:
    """`number` (1 to N) is where the polynomials were evaluated; shares of one splitting have the same `group`."""

    needed: int
    number: int
    group: bytes
    values: bytes

    def pack(self) -> bytes:
        return bytes([self.needed, self.number]) + self.group + self.values


def parse_share(data: bytes) -> Share:
    """Raises NotOpened."""
    if len(data) <= 2 + SET or not 2 <= data[0] <= MOST or not 1 <= data[1] <= MOST:
        raise NotOpened("This is no share of a key.")
    return Share(data[0], data[1], data[2 : 2 + SET], data[2 + SET :])


def split(secret: bytes, needed: int, holders: int) -> list[Share]:
    """Raises ValueError unless 2 ≤ needed ≤ holders ≤ 16."""
    if not 2 <= needed <= holders <= MOST:
        raise ValueError(f"Of {holders} shares {needed} cannot be asked for: 2 at least, {MOST} shares at most.")
    group = os.urandom(SET)
    lines = [[byte, *(secrets.randbelow(256) for _ in range(needed - 1))] for byte in secret]
    return [
        Share(needed, number, group, bytes(_evaluate(line, number) for line in lines))
        for number in range(1, holders + 1)
    ]


def combine(shares: list[Share]) -> bytes:
    """The secret. Raises NotOpened when shares are missing or of different splittings.

    A share with wrong values is not seen here: the secret that comes out then opens nothing.
    """
    known = {share.number: share for share in shares}
    if len({(share.needed, share.group, len(share.values)) for share in shares}) != 1:
        raise NotOpened("These shares do not belong together.")
    if any(known[share.number] != share for share in shares):
        raise NotOpened("Two different shares bear the same number.")
    needed = shares[0].needed
    if len(known) < needed:
        raise NotOpened(f"{needed} different shares are needed; {len(known)} were given.")
    points = sorted(known)[:needed]
    weights = [_weight(point, points) for point in points]
    return bytes(
        reduce(xor, (multiply(weight, known[point].values[at]) for weight, point in zip(weights, points, strict=True)))
        for at in range(len(shares[0].values))
    )


def _evaluate(line: list[int], at: int) -> int:
    value = 0
    for coefficient in reversed(line):
        value = multiply(value, at) ^ coefficient
    return value


def _weight(point: int, points: list[int]) -> int:
    """Lagrange's weight of a point for the value at zero; minus is plus in this field."""
    weight = 1
    for other in points:
        if other != point:
            weight = multiply(weight, divide(other, other ^ point))
    return weight
