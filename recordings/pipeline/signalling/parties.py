"""Who is meant by From, To, Contact and the like (RFC 3261 section 20.10, RFC 3966)."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

LONGEST = 2000
_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\.){0,1000})"\s*')
_TAG = re.compile(r";\s*tag\s*=\s*([^;,\s>]+)", re.IGNORECASE)
_SCHEME = re.compile(r"(sips?|tel|urn|im|pres):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Party:
    """A display name, the whole URI, its user part (of a tel: URI the number) and the dialog tag; each may be ""."""

    name: str
    uri: str
    user: str
    tag: str


def party(value: str) -> Party:
    """Read a header value; never fails: what cannot be read is empty."""
    value = value[:LONGEST]
    name = ""
    if quoted := _QUOTED.match(value):
        name = re.sub(r"\\(.)", r"\1", quoted.group(1))
        value = value[quoted.end() :]
    before, bracket, after = value.partition("<")
    if bracket:
        uri, _, parameters = after.partition(">")
        name = name or before.strip()
    else:
        uri, _, rest = value.partition(";")
        parameters = ";" + rest
    tag = _TAG.search(parameters)
    return Party(_readable(name), uri.strip(), user_of(uri.strip()), tag.group(1) if tag else "")


def user_of(uri: str) -> str:
    """The user part of a SIP URI, the number of a tel: URI, else the host or the whole name."""
    scheme = _SCHEME.match(uri)
    rest = uri[scheme.end() :] if scheme else uri
    if scheme and scheme.group(1).lower() == "urn":
        return uri
    user, at, host = rest.rpartition("@")
    if not at:
        return re.split(r"[;?]", host, maxsplit=1)[0] if scheme and scheme.group(1).lower() == "tel" else ""
    plain = unquote(user.split(":", 1)[0].split(";", 1)[0], errors="replace")
    return plain if plain.isprintable() else user


def _readable(name: str) -> str:
    """Names come as Latin-1 text of the bytes seen; most are UTF-8 (RFC 3261 section 25.1)."""
    try:
        return name.encode("latin-1").decode()
    except UnicodeError:
        return name
