"""corosync.conf from its templates, with values that were checked before."""

from pathlib import Path
from string import Template

from apresa_helper.values import Refused

TEMPLATES = Path(__file__).resolve().parents[2] / "corosync"


def configuration(members: list[tuple[str, list[str]]], token: int) -> str:
    """The file's text. `token`: milliseconds."""
    nodes = "".join(_node(number, name, links) for number, (name, links) in enumerate(members, 1))
    return _filled("corosync.conf", token=token, nodes=nodes, quorum=_filled("quorum-pair.conf"))


def with_witness(before: bytes, host: str) -> bytes:
    """The same file with a third voter. Raises Refused where it has no plain quorum section."""
    return _other_quorum(before, _filled("quorum-witness.conf", host=host))


def without_witness(before: bytes) -> bytes:
    """The same file of two nodes that may each serve alone. Raises Refused."""
    return _other_quorum(before, _filled("quorum-pair.conf"))


def _other_quorum(before: bytes, section: str) -> bytes:
    lines = before.decode("utf-8", "surrogateescape").splitlines(keepends=True)
    start, end = _place_of_quorum([line.strip() for line in lines])
    return "".join([*lines[:start], section, *lines[end:]]).encode("utf-8", "surrogateescape")


def _place_of_quorum(lines: list[str]) -> tuple[int, int]:
    """The first line of the section and the one after its last."""
    depth, start, found = 0, -1, []
    for number, line in enumerate(lines):
        if line.startswith("#"):
            continue
        if line.endswith("{"):
            start = number if not depth and line[:-1].strip() == "quorum" else start
            depth += 1
        elif line == "}":
            depth -= 1
            if not depth and start >= 0:
                found.append((start, number + 1))
                start = -1
    if depth or len(found) != 1:
        raise Refused("corosync.conf has not exactly one quorum section: it is left as it is.")
    return found[0]


def _filled(name: str, **values: object) -> str:
    return Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(values)


def _node(number: int, name: str, links: list[str]) -> str:
    rings = "".join(f"        ring{link}_addr: {address}\n" for link, address in enumerate(links))
    return f"    node {{\n        name: {name}\n        nodeid: {number}\n{rings}    }}\n"
