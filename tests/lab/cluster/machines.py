"""Both nodes as bare machines on the switch."""

from collections.abc import Sequence

from tests.lab.cluster import network
from tests.lab.cluster.configure import settings
from tests.lab.cluster.node import Node
from tests.lab.cluster.prepare import administrator, prepare


def bare(nodes: Sequence[Node]) -> None:
    """Apresa installed, with one administrator, and no cluster yet. Nothing where it is done. Raises LabError."""
    network.make_hub()
    for node in nodes:
        node.make_disk()
        prepare(node)
        node.on()
    for node in nodes:
        administrator(node)
        settings(node)
