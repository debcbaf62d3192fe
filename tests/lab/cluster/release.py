"""Another release on a node: this checkout with another version number, laid over the one that all nodes share."""

from tests.lab.cluster.node import Node
from tests.lab.cluster.place import CHECKOUT

PLACE = "/run/apresa-lab-release.toml"


def put_release(node: Node, version: str) -> None:
    """As the files of a release are put in /opt/apresa: what runs goes on as it is. Gone with the next power cut."""
    lines = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines) if line.startswith("version = "))
    lines[number] = f'version = "{version}"'
    node.run("sh", "-c", f"cat >{PLACE}", stdin="\n".join([*lines, ""]))
    shared_release(node)
    node.sh(f"mount --bind {PLACE} /opt/apresa/pyproject.toml")


def shared_release(node: Node) -> None:
    """The files of this checkout again."""
    node.sh("umount -l /opt/apresa/pyproject.toml 2>/dev/null", check=False)
