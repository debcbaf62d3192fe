"""Settings that refuse to guess."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from apresa import env

PROJECT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("APRESA_")]:
        monkeypatch.delenv(name)


def test_settings_without_any_variable_are_embedded_mode_in_the_checkout() -> None:
    settings = env.load()
    assert (settings.mode, settings.data) == ("embedded", PROJECT / "var")


def test_variable_wins_over_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "apresa.toml"
    file.write_text('language = "nl"\ntime_zone = "Europe/Amsterdam"\nallowed_hosts = ["a", "b"]\n')
    monkeypatch.setenv("APRESA_CONFIG", str(file))
    monkeypatch.setenv("APRESA_LANGUAGE", "en")
    settings = env.load()
    assert (settings.language, settings.time_zone, settings.allowed_hosts) == ("en", "Europe/Amsterdam", ("a", "b"))


def test_list_in_a_variable_is_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APRESA_ALLOWED_HOSTS", "one, two ,")
    assert env.load().allowed_hosts == ("one", "two")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("APRESA_MODE", "fast", "The setting mode (APRESA_MODE) is wrong: Input should be 'embedded' or 'full'."),
        ("APRESA_TYPO", "1", "No setting is called APRESA_TYPO; docs/settings.md lists them all."),
        (
            "APRESA_TIME_ZONE",
            "Mars/Base",
            "The setting time_zone (APRESA_TIME_ZONE) is wrong: "
            "'Mars/Base' is no time zone; write a name such as Europe/Amsterdam.",
        ),
        (
            "APRESA_TRUSTED_PROXIES",
            "nginx",
            "The setting trusted_proxies (APRESA_TRUSTED_PROXIES) is wrong: "
            "'nginx' does not appear to be an IPv4 or IPv6 address.",
        ),
        (
            "APRESA_REDIS_URL",
            "http://x",
            "The setting redis_url (APRESA_REDIS_URL) is wrong: "
            "the address must begin with redis://, rediss:// or unix://.",
        ),
        (
            "APRESA_DATABASE_NAME",
            "apresa",
            "The settings do not fit together: embedded mode uses no server: "
            "remove the database and redis settings, or set mode to full.",
        ),
    ],
)
def test_wrong_variable_gives_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(env.SettingsError) as caught:
        env.load()
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("present", "sentence"),
    [
        (
            {},
            "The settings do not fit together: full mode needs PostgreSQL: "
            "set database_url, or database_name and the other parts.",
        ),
        (
            {"APRESA_DATABASE_NAME": "apresa"},
            "The settings do not fit together: full mode needs Redis: set redis_url.",
        ),
        (
            {"APRESA_DATABASE_NAME": "apresa", "APRESA_DATABASE_URL": "postgresql:///apresa"},
            "The settings do not fit together: give database_url or its parts (database_host, …), not both.",
        ),
    ],
)
def test_full_mode_without_its_servers_is_refused(
    monkeypatch: pytest.MonkeyPatch, present: dict[str, str], sentence: str
) -> None:
    for name, value in {"APRESA_MODE": "full", **present}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(env.SettingsError) as caught:
        env.load()
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"mode = embedded\n", "is no valid TOML"),
        (b"\xff\xfe", "cannot be read"),
        (b"colour = 1\n", "No setting is called colour; docs/settings.md lists them all."),
    ],
)
def test_bad_file_gives_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, sentence: str
) -> None:
    file = tmp_path / "apresa.toml"
    file.write_bytes(content)
    monkeypatch.setenv("APRESA_CONFIG", str(file))
    with pytest.raises(env.SettingsError, match=sentence):
        env.load()


def test_missing_file_gives_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("APRESA_CONFIG", str(tmp_path / "none.toml"))
    with pytest.raises(env.SettingsError, match="cannot be read"):
        env.load()


def test_manage_with_a_wrong_setting_ends_with_its_sentence_and_code_two() -> None:
    environment = {"PATH": os.environ["PATH"], "APRESA_MODE": "fast"}
    done = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), "check"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    sentence = "The setting mode (APRESA_MODE) is wrong: Input should be 'embedded' or 'full'.\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence)


def test_every_setting_stands_in_the_documentation() -> None:
    text = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = [name for name in env.Settings.model_fields if f"`{name}`" not in text]
    assert missing == []


def _two_files(folder: Path, first: str, second: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "apresa.toml").write_text(first)
    (folder / "cluster.toml").write_text(second)
    monkeypatch.setenv("APRESA_CONFIG", str(folder / "apresa.toml"))


def test_the_clusters_file_wins_over_the_administrators_and_a_variable_over_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    second = 'mode = "full"\ndatabase_name = "apresa"\nredis_url = "redis://127.0.0.1"\ntime_zone = "UTC"\n'
    _two_files(tmp_path, 'language = "nl"\nmode = "embedded"\ntime_zone = "Europe/Paris"\n', second, monkeypatch)
    monkeypatch.setenv("APRESA_TIME_ZONE", "Europe/Amsterdam")
    settings = env.load()
    assert (settings.mode, settings.language, settings.time_zone) == ("full", "nl", "Europe/Amsterdam")


@pytest.mark.parametrize("own", ['["recorder.example.org"]', '"recorder.example.org"'])
def test_the_hosts_of_both_files_are_allowed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own: str) -> None:
    _two_files(tmp_path, f"allowed_hosts = {own}\n", 'allowed_hosts = ["myrec1", "192.0.2.10"]\n', monkeypatch)
    assert env.load().allowed_hosts == ("recorder.example.org", "myrec1", "192.0.2.10")


def test_a_clusters_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _two_files(tmp_path, "", "mode = \n", monkeypatch)
    with pytest.raises(env.SettingsError, match=rf"^The settings file {tmp_path}/cluster\.toml is no valid TOML: "):
        env.load()


def test_without_the_administrators_file_there_is_no_clusters_one() -> None:
    assert not env.second_file().exists()
