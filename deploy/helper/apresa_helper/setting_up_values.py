"""The values of the set-up's verbs, and the templates that they are put into."""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from apresa_helper import values
from apresa_helper.values import Refused

TEMPLATES = Path(__file__).resolve().parents[2]
STAND_IN = "/var/lib/drbd-standin/r0"  # a developer's lab has a folder for a device; nothing is ever made on it
DEVICE = re.compile(rf"/dev/drbd[0-9]{{1,3}}|{STAND_IN}", re.ASCII)
DISK = re.compile(r"/dev/(?!drbd)[A-Za-z0-9][A-Za-z0-9._/-]{0,100}|/var/lib/drbd-standin/disk", re.ASCII)
LIBRARY = "/var/lib/apresa/library"
DIRECTORY = re.compile(LIBRARY, re.ASCII)
INTERFACE = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._][A-Za-z0-9._-]{0,14}", re.ASCII)
WORD = re.compile(r"[A-Za-z0-9_-]{32,128}", re.ASCII)
PEM = re.compile(
    r"(-----BEGIN (CERTIFICATE|PRIVATE KEY|EC PRIVATE KEY)-----\n([A-Za-z0-9+/=]{1,76}\n){1,80}"
    r"-----END (CERTIFICATE|PRIVATE KEY|EC PRIVATE KEY)-----\n)",
    re.ASCII,
)
OUTSIDE = ("/usr/bin/systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--")
"""Before a program that must not live in the helper's own view of the file systems."""


def device(value: object) -> str:
    return values.matching(DEVICE, value, "a device is one of DRBD, such as /dev/drbd0")


def disk(value: object) -> str:
    found = values.matching(DISK, value, "a partition is named from the root, such as /dev/sdb1")
    if ".." in found.split("/"):
        raise Refused("A partition is named from the root, such as /dev/sdb1.")
    return found


def interface(value: object) -> str:
    return values.matching(INTERFACE, value, "an interface has a name such as eth0")


def word(value: object) -> str:
    """A secret that stands in a file of others' syntax. It never reaches a log."""
    return values.matching(WORD, value, "a secret is 32 to 128 letters, digits, - and _")


def pem(value: object) -> bytes:
    if not isinstance(value, str) or not PEM.fullmatch(value):
        raise Refused("A certificate or key is one block of PEM.")
    return value.encode()


def floating(value: object, prefix: object) -> tuple[str, int]:
    found = ipaddress.ip_address(values.address(value))
    return str(found), values.number(prefix, "prefix", 1, found.max_prefixlen)


def filled(name: str, given: Mapping[str, Any]) -> bytes:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    return Template(text).substitute(given).encode()
