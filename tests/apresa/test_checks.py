"""Every misconfiguration has its check."""

import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from apresa import checks
from apresa.env import Settings
from apresa.layout import mark_library


def ids(wanted: Settings, settings: Any) -> list[str | None]:
    settings.APRESA = wanted
    return [message.id for message in checks.check_platform()]


def at(data: Path, **others: Any) -> Settings:
    return Settings(data=data, **others)


def test_good_settings_have_no_finding(tmp_path: Path, settings: Any) -> None:
    assert ids(at(tmp_path), settings) == []


def test_e001_file_where_a_directory_belongs(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "spool").touch()
    assert ids(at(tmp_path), settings) == ["apresa.E001"]


def test_e002_directory_that_cannot_be_written(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mark_library(tmp_path / "library")
    # Root may write everywhere, so the answer of the system is replaced.
    monkeypatch.setattr("os.access", lambda path, _mode: path != tmp_path / "library")
    assert ids(at(tmp_path), settings) == ["apresa.E002"]


def test_bare_mount_point_of_a_standby_need_not_be_writable(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "library").mkdir()
    monkeypatch.setattr("os.access", lambda path, _mode: path != tmp_path / "library")
    assert ids(at(tmp_path), settings) == []


def test_e003_path_too_long_for_a_socket(tmp_path: Path, settings: Any) -> None:
    assert ids(at(tmp_path / ("x" * 100)), settings) == ["apresa.E003"]


def test_e004_secret_that_others_may_read(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "secret_key").touch(mode=0o644)
    (tmp_path / "secret_key").chmod(0o644)
    assert ids(at(tmp_path), settings) == ["apresa.E004"]


def test_e005_sqlite_too_old(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 31, 1))
    assert ids(at(tmp_path), settings) == ["apresa.E005"]


def test_e006_origin_without_a_scheme(tmp_path: Path, settings: Any) -> None:
    assert ids(at(tmp_path, trusted_origins=("recorder.example.org",)), settings) == ["apresa.E006"]


def test_w001_disk_nearly_full(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    assert ids(at(tmp_path), settings) == ["apresa.W001"]


def test_w002_debug_in_full_mode(tmp_path: Path, settings: Any) -> None:
    full = {"mode": "full", "database_name": "apresa", "redis_url": "redis://localhost"}
    assert ids(at(tmp_path, debug=True, **full), settings) == ["apresa.W002"]


def test_w003_every_host_allowed(tmp_path: Path, settings: Any) -> None:
    assert ids(at(tmp_path, allowed_hosts=("*",)), settings) == ["apresa.W003"]


def test_every_check_has_a_test() -> None:
    declared = set(re.findall(r'"apresa\.([EW]\d{3})"', Path(checks.__file__).read_text()))
    tested = set(re.findall(r"def test_([ew]\d{3})_", Path(__file__).read_text()))
    assert {name.upper() for name in tested} == declared
