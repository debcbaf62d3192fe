"""Whether this machine records."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from apresa.config import domain as config
from apresa.shared import clock
from recordings.health import check_capture
from recordings.queries.live import live_session

pytestmark = pytest.mark.django_db(databases=["default", "node"])


@pytest.fixture
def status() -> Iterator[Path]:
    path = live_session() / "status.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    yield path
    path.unlink(missing_ok=True)


def test_machine_without_interfaces_need_not_record() -> None:
    assert check_capture().ok is True


@pytest.mark.parametrize(("name", "value"), [("capture.interfaces", "eth1"), ("capture.hep_listen", "0.0.0.0:9060")])
def test_machine_with_an_interface_or_with_agents_to_hear_must_record(name: str, value: str) -> None:
    config.set(name, value, by="anna")
    assert check_capture().ok is False


@pytest.mark.parametrize(("age", "ok"), [(0, True), (60, False)])
def test_status_must_be_fresh(status: Path, age: int, ok: bool) -> None:
    status.write_text("{}")
    moment = clock.now().timestamp() - age
    os.utime(status, (moment, moment))
    assert check_capture().ok is ok


def test_each_interface_must_be_there(status: Path) -> None:
    status.write_text('{"interfaces": [{"name": "eth1", "up": true}, {"name": "eth2", "up": false}]}')
    found = check_capture()
    assert found.ok is False
    assert found.sentence == "There is no network interface eth2: what it would bring is not recorded."


def test_encryption_without_a_key_is_told_as_nothing_recorded(status: Path) -> None:
    status.write_text('{"disk_error": "Required key not available"}')
    found = check_capture()
    assert (found.ok, found.sentence) == (
        False,
        "Encryption is on and no key can be used: nothing is recorded, rather than in clear.",
    )


def test_a_full_disk_is_not_told_as_a_missing_key(status: Path) -> None:
    status.write_text('{"disk_error": "No space left on device"}')
    assert check_capture().sentence == "The recording component runs."
