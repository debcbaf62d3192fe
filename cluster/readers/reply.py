"""What all readers share: the one error, and the small words of the tools."""

import re


class ReplyError(ValueError):
    """A reply that no reader understands; the text is one English sentence."""


def pairs(text: str, separator: str) -> dict[str, str]:
    """ "Key<separator>value" lines; the first of equal keys counts, other lines are left out."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, mark, value = line.partition(separator)
        if mark:
            found.setdefault(key.strip(), value.strip())
    return found


def need(found: dict[str, str], key: str, tool: str) -> str:
    try:
        return found[key]
    except KeyError:
        raise ReplyError(f'The reply of {tool} has no "{key}".') from None


def number(text: str, what: str) -> int:
    """A whole number of at most 20 digits."""
    if not re.fullmatch(r"[0-9]{1,20}", text, re.ASCII):
        raise ReplyError(f"{text[:40]!r} is no number of {what}.")
    return int(text)


def lsn(text: str) -> int:
    """A position in PostgreSQL's log ("0/3024B60") as a number of bytes."""
    match = re.fullmatch(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})", text, re.ASCII)
    if not match:
        raise ReplyError(f"{text[:40]!r} is no position in PostgreSQL's log.")
    return int(match[1], 16) << 32 | int(match[2], 16)


def maybe_lsn(text: str) -> int | None:
    return lsn(text) if text else None
