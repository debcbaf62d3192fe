"""Calls by SIPp over TCP, over IPv6 and with one silent side: each is recorded sample by sample."""

import subprocess
from pathlib import Path

import pytest

from tests.lab.calls import calls, noise, recordings
from tests.lab.network import IPV6, Lab
from worker.demo.compare import compare
from worker.demo.node import Node

pytestmark = [pytest.mark.lab, pytest.mark.skipif(not IPV6, reason="this machine's kernel has no IPv6")]
CALLER, CALLEE = noise(3, 4.0), noise(4, 4.0)


def place(
    network: Lab, folder: Path, speech: tuple[bytes, bytes], *, transport: str = "u1", ipv6: bool = False
) -> None:
    folder.mkdir()
    with calls(network, folder, speech, 1, transport=transport, ipv6=ipv6) as callers:
        try:
            assert callers.wait(120) == 0, "SIPp's own call failed"
        except subprocess.TimeoutExpired:
            pytest.fail("SIPp did not end")


def test_calls_over_tcp_and_ipv6_and_with_one_silent_side_are_recorded(
    network: Lab, node: Node, tmp_path: Path
) -> None:
    place(network, tmp_path / "tcp", (CALLER, CALLEE), transport="t1")
    place(network, tmp_path / "ipv6", (CALLER, CALLEE), ipv6=True)
    place(network, tmp_path / "one", (CALLER, b""))
    found = sorted(recordings(node, 3), key=lambda call: str(call["started"]))
    assert [len(call["streams"]) for call in found] == [2, 2, 1]
    heard = [
        compare(node.get(f"/api/v1/calls/{call['id']}/audio/?format=wav&channel=both"), CALLER, CALLEE)
        for call in found
    ]
    assert [(side.left.exact, side.right.exact) for side in heard] == [(1.0, 1.0), (1.0, 1.0), (1.0, 0.0)]
    assert [call["gaps"] for call in found] == [[], [], []]
