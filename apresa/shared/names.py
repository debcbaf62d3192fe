"""File names made from what strangers send. One function for all of them."""

import hashlib
from urllib.parse import quote

LONGEST = 150  # bytes; leaves room for a suffix below the 255 of every file system


def file_name(text: str) -> str:
    """A file name for a SIP Call-ID: percent-encoded, bounded, never empty, hidden, "." or "..".

    Equal texts give equal names, different texts different ones: a name that had to be cut ends in a digest.
    """
    name = quote(text, safe="@+=,", errors="surrogatepass")
    if not name:
        return "%"
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name) <= LONGEST:
        return name
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{name[: LONGEST - 17]}%{digest}"
