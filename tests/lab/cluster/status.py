"""What both nodes say: the product's own `cluster_status`, and beneath it Pacemaker's."""

import subprocess
from collections.abc import Sequence

from tests.lab.cluster.node import Node

STATUS = "cd /opt/apresa && APRESA_CONFIG=/etc/apresa/apresa.toml .venv/bin/python manage.py cluster_status"


def cluster_status(node: Node, *options: str, report: str = "") -> tuple[int, str]:
    """Its exit code and what it says on that node; `report` is what it reads as the other node's."""
    argv = node.enter("sh", "-c", f"{STATUS} {' '.join(options)}")
    done = subprocess.run(argv, input=report, capture_output=True, text=True, timeout=90, check=False)
    return done.returncode, done.stdout or done.stderr


def show(nodes: Sequence[Node]) -> int:
    """Print all of it; the worst exit code, 3 where a node is off."""
    worst = 0
    for node in nodes:
        print(f"== {node.name}: cluster_status")
        if node.process() is None:
            print("off\n")
            worst = 3
            continue
        code, text = cluster_status(node)
        print(f"{text.rstrip()}\n(exit code {code})\n")
        worst = max(worst, code)
        print(f"== {node.name}: crm status\n{node.run('timeout', '20', 'crm_mon', '-1Arf', check=False).rstrip()}\n")
    return worst
