"""What the lab needs: root, SIPp, namespaces, and a folder that the service user can reach."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.network import Lab, lab
from worker.demo.node import Node
from worker.demo.place import ready_user

WHY_NOT = (
    "the lab needs root"
    if os.geteuid()
    else "the lab needs ip and sipp (Debian: iproute2 sip-tester)"
    if not (shutil.which("ip") and shutil.which("sipp"))
    else ""
)


@pytest.fixture
def network() -> Iterator[Lab]:
    if WHY_NOT:
        pytest.skip(WHY_NOT)
    with lab() as made:
        yield made


@pytest.fixture
def node(network: Lab) -> Iterator[Node]:
    """A node that records the lab's hub, started as root, with a user whose token the API takes."""
    data = Path(tempfile.mkdtemp(prefix="apresa-lab-", dir="/var/tmp"))
    user = ready_user()
    made = Node(data, user)
    if user:
        os.chown(data, user.uid, user.gid)
    try:
        made.start(network.interface, 0)
        made.make_user("lab")
        made.wait_for_capture()
        yield made
    finally:
        made.stop()
        print(made.last_words())
        shutil.rmtree(data, ignore_errors=True)
