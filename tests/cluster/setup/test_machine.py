"""What this machine offers a set-up: addresses, and partitions that nothing uses."""

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cluster.readers.reply import ReplyError
from cluster.setup.machine import Network, Partition, free_partitions, read_networks

REPLY = [
    {"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8, "scope": "host"}]},
    {
        "ifname": "eth0",
        "addr_info": [
            {"local": "192.168.2.11", "prefixlen": 26, "scope": "global"},
            {"local": "fe80::1", "prefixlen": 64, "scope": "link"},
        ],
    },
    {"ifname": "eth1", "addr_info": []},
]
MOUNTS = """21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw
22 21 0:20 / /proc rw - proc proc rw
23 21 0:31 / /srv rw - btrfs /dev/sdd1 rw
"""


class Disks:
    """A machine's /sys and /proc, in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "proc/self").mkdir(parents=True)
        (root / "proc/self/mountinfo").write_text(MOUNTS)
        (root / "proc/swaps").write_text("Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n")

    def add(self, name: str, number: str, sectors: int, **files: str) -> Path:
        place = self.root / "sys/class/block" / name
        (place / "holders").mkdir(parents=True)
        for file, text in {"dev": number, "size": str(sectors), "ro": "0", **files}.items():
            path = place / file.replace("__", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{text}\n")
        return place


@pytest.fixture
def disks(tmp_path: Path) -> Disks:
    return Disks(tmp_path)


def test_addresses_that_others_reach_are_found_with_their_masks() -> None:
    assert read_networks(json.dumps(REPLY)) == (Network("eth0", "192.168.2.11", 26),)


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_any_other_reply_is_one_error(text: str) -> None:
    assume(text.strip() != "[]")  # a machine without an interface
    with pytest.raises(ReplyError, match="is not its list of interfaces"):
        read_networks(text)


def test_a_machine_without_an_interface_has_no_address() -> None:
    assert read_networks("[]") == ()


def test_only_what_nothing_uses_is_offered_the_largest_first(disks: Disks) -> None:
    disks.add("sda1", "8:1", 100)  # the root, under another name
    disks.add("sda2", "8:2", 100)  # swap
    disks.add("sda3", "8:3", 100)
    disks.add("sdb", "8:16", 500)
    disks.add("sdd1", "8:49", 100)  # mounted by its name alone
    assert free_partitions(disks.root) == (Partition("/dev/sdb", 500 * 512), Partition("/dev/sda3", 100 * 512))


def test_a_disk_with_partitions_is_no_partition(disks: Disks) -> None:
    disks.add("sdb", "8:16", 500, sdb1__partition="1")
    assert free_partitions(disks.root) == ()


def test_what_belongs_to_something_else_is_not_offered(disks: Disks) -> None:
    (disks.add("sdb", "8:16", 500) / "holders/dm-0").touch()
    disks.add("loop0", "7:0", 500)
    disks.add("drbd0", "147:0", 500)
    disks.add("sr0", "11:0", 500)
    disks.add("sdc", "8:32", 0)
    disks.add("sde", "8:64", 500, ro="1")
    assert free_partitions(disks.root) == ()


def test_a_volume_of_lvm_has_the_name_that_people_know(disks: Disks) -> None:
    disks.add("dm-0", "253:0", 500, dm__name="vg-recordings")
    assert free_partitions(disks.root) == (Partition("/dev/mapper/vg-recordings", 500 * 512),)


def test_a_machine_that_tells_nothing_offers_nothing(tmp_path: Path) -> None:
    assert free_partitions(tmp_path) == ()
