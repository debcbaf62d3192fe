"""Networks as people write them."""

import ipaddress
import re


def mask_bits(mask: str, version: int) -> int | None:
    """How many bits of an address name the network; any mask, dotted or as a number; None for what is no mask."""
    longest = 128 if version == 6 else 32
    digits = mask.removeprefix("/")
    if re.fullmatch(r"[0-9]{1,3}", digits, re.ASCII):
        return int(digits) if 1 <= int(digits) <= longest else None
    try:
        value = int(ipaddress.IPv4Address(mask)) if version == 4 else 0
    except ValueError:
        return None
    hosts = ~value & 0xFFFF_FFFF
    return value.bit_count() if value and hosts & (hosts + 1) == 0 else None
