"""The spool's room: an alarm beyond the setting, gone when there is room again."""

from pathlib import Path

import pytest

from apresa.config import domain as config
from apresa.events.queries import open_alarms
from recordings.domain import room
from recordings.domain.policy import compile_policy

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def test_bytes_are_those_of_all_files_below(tmp_path: Path) -> None:
    (tmp_path / "live" / "streams").mkdir(parents=True)
    (tmp_path / "live" / "streams" / "a.stream").write_bytes(bytes(1000))
    (tmp_path / "live" / "policy.json").write_bytes(bytes(24))
    assert room.spool_bytes(tmp_path) == 1024


def test_a_spool_beyond_the_setting_is_an_alarm_until_it_is_smaller(tmp_path: Path) -> None:
    config.set("capture.spool_limit", 100, by="anna")
    large = tmp_path / "a.stream"
    seen = []
    for megabytes in (100, 101, 100):
        with large.open("wb") as file:
            file.truncate(megabytes * room.MEGABYTE)
        room.watch(tmp_path)
        seen.append([alarm.code for alarm in open_alarms()])
    assert seen == [[], ["spool-large"], []]


def test_the_policy_says_whether_calls_without_signalling_are_recorded() -> None:
    found = [compile_policy(1).calls_without_signalling]
    config.set("capture.calls_without_signalling", False, by="anna")
    assert [*found, compile_policy(1).calls_without_signalling] == [True, False]
