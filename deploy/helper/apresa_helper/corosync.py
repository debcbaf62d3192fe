"""corosync.conf from its template, with values that were checked before."""

from pathlib import Path
from string import Template

TEMPLATE = Path(__file__).resolve().parents[2] / "corosync" / "corosync.conf"


def configuration(members: list[tuple[str, list[str]]], token: int) -> str:
    """The file's text. `token`: milliseconds."""
    nodes = "".join(_node(number, name, links) for number, (name, links) in enumerate(members, 1))
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(token=token, nodes=nodes)


def _node(number: int, name: str, links: list[str]) -> str:
    rings = "".join(f"        ring{link}_addr: {address}\n" for link, address in enumerate(links))
    return f"    node {{\n        name: {name}\n        nodeid: {number}\n{rings}    }}\n"
