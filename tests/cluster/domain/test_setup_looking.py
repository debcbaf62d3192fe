"""What the set-up sees of the machine: ports, names, disk, PostgreSQL, DRBD, each as the system tells it."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from cluster.commands import Command
from cluster.domain import setup_looking as looking
from cluster.runner import CommandUnavailable
from cluster.setup import orders
from cluster.setup.answers import Plan
from cluster.setup.validate import check
from cluster.types import Result, Why
from tests.cluster.setup.test_world import ANSWERS


class Told:
    """Answers every question alike."""

    def __init__(self, code: int | None = None, out: str = "", err: str = "") -> None:
        self.code, self.out, self.err = code, out, err

    def run(self, command: Command) -> Result:
        if self.code is None:
            raise CommandUnavailable(Why.MISSING, "The root helper does not answer.")
        return Result(command.argv, self.code, self.out, self.err)


def plan() -> Plan:
    found = check(ANSWERS)
    assert isinstance(found, Plan)
    return found


def test_a_port_that_is_in_use_is_told_and_a_free_one_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        assert not looking._free("127.0.0.1", taken, socket.SOCK_STREAM)
    assert looking._free("127.0.0.1", taken, socket.SOCK_STREAM)


def test_postgresql_on_its_port_is_in_the_way_where_it_is_not_debians_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(looking, "_free", lambda _address, port, _kind: port != 5432)
    monkeypatch.setattr(looking, "SERVER", tmp_path / "postgresql.conf")
    assert looking._ports(plan(), "primary") == {"5432/tcp"}
    looking.SERVER.write_text("data_directory = '/var/lib/postgresql/15/main'\t\t# use data in another directory\n")
    assert looking._ports(plan(), "primary") == frozenset()
    assert looking._data_directory() == "/var/lib/postgresql/15/main"


def test_a_server_that_does_not_name_its_directory_is_not_taken_for_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(looking, "SERVER", tmp_path / "postgresql.conf")
    assert looking._data_directory() == ""
    looking.SERVER.write_text("port = 5432\n")
    assert looking._data_directory() == "?"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Told(0, "UpToDate/DUnknown\n"), "UpToDate/DUnknown"),
        (Told(1, err="No valid meta data found\n"), ""),
        (Told(1, err="no resources defined!\n"), ""),
        (Told(20, err="something else\n"), None),
        (Told(), None),
    ],
)
def test_drbds_copy_is_none_only_where_drbd_says_so(told: Told, expected: str | None) -> None:
    assert looking._copy(told) == expected


@pytest.mark.parametrize(
    ("told", "expected"), [(Told(0), False), (Told(1), True), (Told(2, err="no such interface"), None), (Told(), None)]
)
def test_an_address_is_free_only_where_arping_says_so(told: Told, expected: bool | None) -> None:
    assert looking._taken(told, plan()) is expected


@pytest.mark.parametrize(
    ("told", "expected"), [(Told(0, ""), ""), (Told(0, "ext4\n"), "ext4"), (Told(1), None), (Told(), None)]
)
def test_a_disk_is_blank_only_where_wipefs_says_so(told: Told, expected: str | None) -> None:
    assert looking._signature(told, orders.disk_look("/dev/sdb1")) == expected


def test_a_partition_that_is_a_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(b"")
    assert not looking._disk(Told(0), replace(plan(), disk=str(tmp_path / "disk"))).there


def test_recordings_are_what_lies_beside_the_librarys_marker(tmp_path: Path) -> None:
    assert not looking._holds_calls(tmp_path / "nothing")
    (tmp_path / ".apresa-library").write_text("x")
    assert not looking._holds_calls(tmp_path)
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "1.opus").write_bytes(b"x")
    assert looking._holds_calls(tmp_path)


def test_what_is_mounted_is_read_from_the_kernels_list(tmp_path: Path) -> None:
    assert looking._mounted(Path("/proc"))
    assert not looking._mounted(tmp_path)
