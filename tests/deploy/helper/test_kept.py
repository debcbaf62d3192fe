"""The old database of a recovery: read, marked as read, removed by a later recovery or by root."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from apresa_helper import copying, keeping
from apresa_helper.values import Refused

from tests.deploy.helper.machine_of_steps import KEY, TICKET, Machine, a_node, old, stops


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return a_node(tmp_path, monkeypatch)


def test_an_old_database_that_has_been_read_goes_with_the_next_recovery_and_is_closed_before(node: Machine) -> None:
    earlier = old(node, "00000001")
    assert keeping.mark_read("00000001") == "the old database has been read"
    node.servers = {earlier}
    stops(node)
    copying.copy("192.0.2.1", KEY)
    copying.swap(KEY, TICKET)
    assert (earlier.exists(), node.servers) == (False, set())


def test_an_old_database_that_nobody_has_read_stays_until_root_removes_it(node: Machine) -> None:
    earlier = old(node, "00000001")
    copying.copy("192.0.2.1", KEY)
    assert copying.swap(KEY, TICKET).endswith("; nobody has read main.before-00000001 yet")
    assert earlier.exists()
    assert keeping.remove_kept("00000001") == "the old database is removed"
    assert not earlier.exists()


def test_a_disk_without_room_for_a_copy_is_told_with_what_lies_there(
    node: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    old(node, "00000001")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1))
    with pytest.raises(Refused, match=r"1 are free on .*Old databases are kept there: main\.before-00000001; docs"):
        copying.copy("192.0.2.1", KEY)


def test_the_old_database_is_started_for_this_machine_alone(node: Machine) -> None:
    kept = old(node)
    node.does["apresa-kept"] = lambda _argv: node.servers.add(kept)
    assert keeping.open_kept(TICKET) == "the old database can be read"
    assert keeping.open_kept(TICKET) == "the old database can be read already"
    (line,) = node.done
    for setting in ("listen_addresses=", "default_transaction_read_only=on", "primary_conninfo=", "archive_mode=off"):
        assert f" -c {setting} " in f"{line} "
    assert f"-D {kept} " in line
    assert node.sockets.stat().st_mode & 0o777 == 0o755
    stops(node)
    assert keeping.close_kept(TICKET) == "the old database is closed"
    assert keeping.close_kept(TICKET) == "the old database is closed already"


def test_without_an_old_database_nothing_is_started(node: Machine) -> None:
    with pytest.raises(Refused, match="There is no old database"):
        keeping.open_kept(TICKET)
    assert node.done == []
