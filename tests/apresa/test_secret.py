"""The secret key and the database's password."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from apresa.env import Settings, SettingsError
from apresa.secret import database_password, secret_key


def test_key_is_made_once_for_this_user_only(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    first, second = secret_key(settings), secret_key(settings)
    assert (first, len(first) >= 32, stat.S_IMODE((tmp_path / "secret_key").stat().st_mode)) == (second, True, 0o600)


def test_two_machines_make_two_keys(tmp_path: Path) -> None:
    keys = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        keys.append(secret_key(Settings(data=tmp_path / name)))
    assert keys[0] != keys[1]


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 40])
def test_named_file_without_a_good_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(SettingsError, match="key"):
        secret_key(Settings(data=tmp_path, secret_key_file=tmp_path / "key"))


def test_named_file_that_is_missing_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        secret_key(Settings(data=tmp_path, secret_key_file=tmp_path / "key"))
    assert list(tmp_path.iterdir()) == []


def test_password_comes_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("open sesame\n")
    settings = Settings(
        data=tmp_path,
        mode="full",
        database_name="apresa",
        redis_url=SecretStr("redis://localhost"),
        database_password_file=file,
    )
    assert database_password(settings) == "open sesame"
