"""The installation: every file in its place, the manual's names lead somewhere, a second run leaves people's files."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("installing", PROJECT / "deploy" / "installing.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


installing: Any = _load()


def install(root: Path, *words: str) -> list[str]:
    """As an image is made: only the files."""
    argv = [str(PROJECT / "deploy" / "install"), "--root", str(root), *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", ["recoverdb.sh", "aset", "manage"])
def test_the_manuals_names_lead_to_programs_of_the_project(tmp_path: Path, name: str) -> None:
    install(tmp_path)
    link = tmp_path / "usr/share/apresa" / name
    assert str(link.readlink()) == f"/opt/apresa/deploy/bin/{name}"
    assert (PROJECT / "deploy/bin" / name).stat().st_mode & 0o111 == 0o111


def test_every_unit_and_agent_has_its_place(tmp_path: Path) -> None:
    install(tmp_path)
    units = {str(path.relative_to(PROJECT / "deploy/systemd")) for path in (PROJECT / "deploy/systemd").rglob("*.*")}
    there = {
        str(path.relative_to(tmp_path / "etc/systemd/system")) for path in tmp_path.rglob("etc/systemd/system/**/*")
    }
    assert {name for name in units if not name.endswith(".d")} <= there
    agents = tmp_path / "usr/lib/ocf/resource.d/apresa"
    assert {path.name: path.stat().st_mode & 0o777 for path in agents.iterdir()} == {
        "active": 0o755,
        "pgsql": 0o755,
        "redis": 0o755,
    }


def test_a_lone_machine_opens_nothing(tmp_path: Path) -> None:
    install(tmp_path)
    unit = (tmp_path / "etc/systemd/system/apresa.service").read_text()
    assert "--host 127.0.0.1" in unit
    assert (tmp_path / "etc/nginx").exists() is False
    assert tomllib.loads((tmp_path / "etc/apresa/apresa.toml").read_text()) == {"data": "/var/lib/apresa"}


def test_a_machine_for_a_cluster_is_reached_by_https_alone(tmp_path: Path) -> None:
    install(tmp_path, "--cluster")
    assert tomllib.loads((tmp_path / "etc/apresa/apresa.toml").read_text()) == {
        "data": "/var/lib/apresa",
        "installed_for": "cluster",
        "https": True,
        "trusted_proxies": ["127.0.0.1"],
    }
    site = (tmp_path / "etc/nginx/sites-available/apresa").read_text()
    assert re.findall(r"listen (\S+) (\S+)", site) == [
        ("80", "default_server;"),
        ("[::]:80", "default_server;"),
        ("443", "ssl"),
        ("[::]:443", "ssl"),
    ]
    assert "return 301 https://$host$request_uri;" in site.split("listen 443")[0]
    assert re.findall(r"proxy_pass (\S+);", site) == ["http://127.0.0.1:8000"]
    for unit in ("apresa.service", "apresa-web.service.d/front.conf"):
        text = (tmp_path / "etc/systemd/system" / unit).read_text()
        assert re.findall(r"--host (\S+)", text) == ["127.0.0.1"]


def test_the_browsers_own_address_is_never_taken_from_the_browser() -> None:
    """nginx replaces what the browser may have sent."""
    site = (PROJECT / "deploy/nginx/apresa.conf").read_text()
    assert re.findall(r"proxy_set_header X-Forwarded-\S+ (\S+);", site) == ["$remote_addr", "https"]


def test_a_second_run_changes_nothing_and_leaves_the_settings(tmp_path: Path) -> None:
    assert "/etc/apresa/apresa.toml" in install(tmp_path, "--cluster")
    settings = tmp_path / "etc/apresa/apresa.toml"
    settings.write_text(settings.read_text() + 'language = "nl"\n')
    assert install(tmp_path, "--cluster") == []
    assert 'language = "nl"' in settings.read_text()


def test_settings_that_were_there_are_told_what_they_lack(tmp_path: Path) -> None:
    install(tmp_path)
    lines = [line for line in install(tmp_path, "--cluster") if "add this line" in line]
    assert [line.rpartition(": ")[2] for line in lines] == [
        'installed_for = "cluster"',
        "https = true",
        'trusted_proxies = ["127.0.0.1"]',
    ]


def test_a_file_of_somebody_else_is_not_replaced_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "usr/share/apresa").mkdir(parents=True)
    (tmp_path / "usr/share/apresa/aset").write_text("mine")
    argv = [sys.executable, str(PROJECT / "deploy/installing.py"), "--root", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "deploy/install: /usr/share/apresa/aset is there and is no link: move it away first.\n",
    )


@pytest.mark.parametrize(
    ("user", "place", "said"),
    [
        (1000, Path("/opt/apresa/deploy"), "Run this as root: sudo deploy/install"),
        (0, Path("/home/anna/apresa/deploy"), "The units and agents know Apresa in /opt/apresa; it lies in /home/anna"),
    ],
)
def test_what_it_cannot_do_is_said_before_anything_is_touched(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], user: int, place: Path, said: str
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr(installing, "DEPLOY", place)
    monkeypatch.setattr(installing, "place", lambda *_args, **_more: pytest.fail("something was touched"))
    assert installing.main([]) == 1
    assert capsys.readouterr().err.startswith(f"deploy/install: {said}")


class Shell:
    """The programs that would run."""

    def __init__(self, users: int) -> None:
        self.users, self.ran = users, []  # type: int, list[tuple[tuple[str, ...], str]]

    def __call__(self, *argv: str, stdin: str = "") -> str:
        self.ran.append((argv, stdin))
        return f"{self.users}\n" if "shell" in argv else ""


def test_the_first_accounts_password_is_shown_once_and_stands_in_no_argv(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(0)
    monkeypatch.setattr(installing, "run", shell)
    installing.first_account()
    argv, stdin = shell.ran[-1]
    password = stdin.strip()
    assert (argv[-1], len(password)) == ("--password-stdin", 20)
    assert not any(password in word for one, _ in shell.ran for word in one)
    assert capsys.readouterr().out.startswith(f"Sign in as admin with {password}\n")


def test_where_there_are_people_nobody_is_added(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(3)
    monkeypatch.setattr(installing, "run", shell)
    installing.first_account()
    assert (len(shell.ran), capsys.readouterr().out) == (1, "")


class Answering:
    """What `cluster_update` says."""

    def __init__(self, code: int, out: str = "", err: str = "") -> None:
        self.code, self.out, self.err = code, out, err
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, argv: tuple[str, ...], **_how: object) -> subprocess.CompletedProcess[str]:
        self.asked.append(argv)
        return subprocess.CompletedProcess(argv, self.code, self.out, self.err)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This machine is a node of a cluster."""
    file = tmp_path / "cluster.toml"
    file.touch()
    monkeypatch.setattr(installing, "NODE", str(file))
    return file


ASKED = ("/opt/apresa/deploy/bin/manage", "cluster_update", "--check")


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize(
    ("code", "err", "said"),
    [
        (4, "CommandError: Update the primary first.\n", "Update the primary first."),
        (1, "no database\n", "It cannot be asked which release the primary has:\nno database"),
    ],
)
def test_a_secondary_is_not_updated_before_the_primary(
    code: int, err: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(installing, "check", lambda **_given: None)
    monkeypatch.setattr(installing, "place", lambda *_args, **_more: pytest.fail("something was touched"))
    monkeypatch.setattr(subprocess, "run", Answering(code, err=err))
    assert installing.main([]) == 1
    assert capsys.readouterr().err == (
        f"deploy/install: {said}\n"
        'Nothing was changed. Only if you know better: deploy/install --override "why". It is logged.\n'
    )


@pytest.mark.usefixtures("node")
def test_a_reason_overrides_the_order_and_is_passed_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = Answering(0, "Overridden: gone\n")
    monkeypatch.setattr(subprocess, "run", shell)
    installing.order("gone")
    assert shell.asked == [(*ASKED, "--override", "gone")]
    assert capsys.readouterr().out == "Overridden: gone\n"


def test_a_lone_machine_asks_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(installing, "NODE", str(tmp_path / "none"))
    monkeypatch.setattr(subprocess, "run", lambda *_argv, **_how: pytest.fail("somebody was asked"))
    installing.order("")


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize("active", [True, False])
def test_the_programs_of_a_node_are_restarted_and_its_worker_under_the_agents_mark(
    active: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mark = tmp_path / "restarting"
    monkeypatch.setattr(installing, "RESTARTING", str(mark))
    shell = Shell(1)
    monkeypatch.setattr(installing, "run", shell)
    monkeypatch.setattr(installing, "ran", lambda *_argv: active)
    installing.restart()
    units = ["apresa-helper", "apresa-link", "apresa-node", "apresa-web", "apresa-record"]
    worker = [("systemctl", "restart", "apresa-active")] if active else []
    wanted = [("systemctl", "try-restart", f"{unit}.service") for unit in units]
    assert [argv for argv, _ in shell.ran] == [*wanted, *worker]
    assert ("now update the other machine" in capsys.readouterr().out) is active
    assert not mark.exists()


def test_the_mark_stands_while_the_worker_restarts_and_goes_where_that_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mark = tmp_path / "restarting"

    def fails(*_argv: str) -> str:
        assert mark.exists()
        raise installing.Refused("It does not start.")

    monkeypatch.setattr(installing, "RESTARTING", str(mark))
    monkeypatch.setattr(installing, "run", fails)
    with pytest.raises(installing.Refused):
        installing.restart_active()
    assert not mark.exists()


def test_the_mark_is_the_agents() -> None:
    agent = (PROJECT / "deploy/pacemaker/active").read_text()
    assert f"APRESA_RESTARTING={installing.RESTARTING}" in agent


def test_pages_that_do_not_answer_are_told_with_where_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter(["Connection refused", "HTTP Error 502: Bad Gateway", ""])
    monkeypatch.setattr(installing, "unanswered", lambda _path: next(said))
    installing.answers()
    monkeypatch.setattr(installing, "SLOWEST", 0.0)
    monkeypatch.setattr(installing, "unanswered", lambda _path: "Connection refused")
    with pytest.raises(installing.Refused, match=r"does not answer 0 seconds after its start: Connection refused\."):
        installing.answers()


def test_the_units_that_are_restarted_are_those_that_are_installed() -> None:
    there = {path.name for path in (PROJECT / "deploy/systemd").glob("apresa-*.service")}
    assert set(installing.OWN_UNITS) == there - {"apresa-active.service"}


def test_what_its_programs_make_is_their_users_alone() -> None:
    """As root's umask is 022: databases and keys would be everybody's to read."""
    assert installing.run("sh", "-c", "umask").strip() == "0077"
