"""Strangers' text as every database takes it."""


def clean(text: str, longest: int) -> str:
    """Without NUL and lone surrogates (PostgreSQL refuses both), and not longer than its column."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "�")[:longest]


def readable(text: str) -> str:
    """Text kept as Latin-1 so that each byte survives, read as UTF-8 where it is that."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text
