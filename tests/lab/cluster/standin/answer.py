"""What drbdadm and drbdsetup answer: the words and exit codes of DRBD 9's tools, as far as the cluster asks."""

import json
from collections.abc import Sequence

from tests.lab.cluster.standin.device import Device

SHOW = """resource "r0" {{
    net {{
        protocol        C;
    }}
    _remote_host {{
        address         ipv4 {peer}:7788;
    }}
    _this_host {{
        address         ipv4 {address}:7788;
    }}
}}
"""


def answer(device: Device, address: str, peer: str, words: Sequence[str]) -> tuple[int, str]:
    """Exit code and output of one command line. Raises Refused."""
    tool, verb, *rest = [*words, "", ""][:2] + list(words[2:])
    if tool == "drbdsetup":
        return _drbdsetup(device, address, peer, verb, rest)
    return _drbdadm(device, verb, rest)


def _drbdsetup(device: Device, address: str, peer: str, verb: str, rest: Sequence[str]) -> tuple[int, str]:
    if verb == "show":
        return 0, SHOW.format(address=address, peer=peer) if device.up else ""
    if verb == "status" and "--json" in rest:
        return (0, json.dumps([_status(device)])) if device.up else (10, "No such resource\n")
    return 20, "the stand-in for DRBD answers status --json and show only\n"


def _drbdadm(device: Device, verb: str, rest: Sequence[str]) -> tuple[int, str]:
    if verb == "role":
        return (0, f"{device.role}\n") if device.up else (10, "No such resource\n")
    if verb == "dstate":
        # Of a resource that is down, the meta data tell.
        return (0, f"{device.disk}/{device.peer_disk}\n") if device.made else (1, "No valid meta data found\n")
    if verb == "get-gi":
        return (0, _generations(device)) if device.made else (1, "No valid meta data found\n")
    if verb == "cstate":
        return (0, f"{device.connection}\n") if device.up else (10, "No such resource\n")
    actions = {
        "create-md": device.create,
        "up": device.bring_up,
        "down": device.take_down,
        "primary": lambda: device.promote(force="--force" in rest),
        "secondary": device.demote,
        "connect": lambda: device.connect(discard="--discard-my-data" in rest),
        "disconnect": device.disconnect,
    }
    if verb not in actions:
        return 20, f"the stand-in for DRBD does not know drbdadm {verb}\n"
    actions[verb]()
    return 0, ""


def _generations(device: Device) -> str:
    """Current, bitmap and two older ones; the lowest bit, which tells who was Primary, is left out."""
    known = [device.line.generation, *device.line.before, "", "", ""][:4]
    return ":".join(f"{int(one[:16] or '0', 16) & ~1:016X}" for one in known) + ":1:1:1:0:0:0\n"


def _status(device: Device) -> dict[str, object]:
    peer_device = {
        "volume": 0,
        "replication-state": device.replication,
        "peer-disk-state": device.peer_disk,
        "out-of-sync": 0,
    }
    return {
        "name": "r0",
        "role": device.role,
        "suspended": False,
        "devices": [{"volume": 0, "minor": 0, "disk-state": device.disk}],
        "connections": [
            {
                "name": "peer",
                "connection-state": device.connection,
                "peer-role": device.peer_role,
                "peer_devices": [peer_device],
            }
        ],
    }
