"""Pacemaker's agents of our own, run with a systemctl that says what the test wants; units; the template's agents."""

import configparser
import os
import re
import subprocess
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
FUNCTIONS = """OCF_SUCCESS=0 OCF_ERR_GENERIC=1 OCF_ERR_UNIMPLEMENTED=3 OCF_ERR_INSTALLED=5 OCF_NOT_RUNNING=7
ocf_exit_reason() { echo "$*" >&2; }
"""
SYSTEMCTL = """#!/bin/sh
case $1 in
    is-active) cat "$STATE"; grep -qx active "$STATE" ;;
    cat) [ "$(cat "$STATE")" != missing ] ;;
    start) echo active >"$STATE" ;;
    stop) echo inactive >"$STATE" ;;
esac
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "ocf-shellfuncs").write_text(FUNCTIONS)
    (tmp_path / "systemctl").write_text(SYSTEMCTL)
    (tmp_path / "systemctl").chmod(0o755)
    return tmp_path


def run(agent: str, action: str, place: Path, state: str = "inactive") -> subprocess.CompletedProcess[str]:
    (place / "state").write_text(f"{state}\n")
    environment = {
        "PATH": f"{place}:{os.environ['PATH']}",
        "OCF_ROOT": str(place),
        "OCF_FUNCTIONS_DIR": str(place),
        "STATE": str(place / "state"),
        "APRESA_RESTARTING": str(place / "restarting"),
    }
    argv = ["sh", str(DEPLOY / "pacemaker" / agent), action]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize("agent", ["active", "redis"])
def test_meta_data_is_xml_and_names_the_actions(agent: str, place: Path) -> None:
    told = run(agent, "meta-data", place)
    found = ET.fromstring(told.stdout)  # noqa: S314 -- our own text
    assert (told.returncode, found.get("name")) == (0, agent)
    actions = {action.get("name") for action in found.iter("action")}
    assert actions == {"start", "stop", "monitor", "validate-all", "meta-data"}


@pytest.mark.parametrize("agent", ["active", "redis"])
def test_an_action_that_is_not_known_is_told_so(agent: str, place: Path) -> None:
    assert run(agent, "promote", place).returncode == 3


@pytest.mark.parametrize(
    ("state", "code"),
    [("active", 0), ("inactive", 7), ("unknown", 7), ("failed", 1), ("activating", 1), ("deactivating", 1)],
)
def test_the_active_worker_is_told_by_its_unit(state: str, code: int, place: Path) -> None:
    assert run("active", "monitor", place, state).returncode == code


@pytest.mark.parametrize(
    ("state", "code"), [("active", 0), ("inactive", 0), ("activating", 0), ("deactivating", 0), ("failed", 1)]
)
def test_the_restart_of_an_update_is_no_failure_unless_it_fails(state: str, code: int, place: Path) -> None:
    (place / "restarting").touch()
    assert run("active", "monitor", place, state).returncode == code


@pytest.mark.parametrize(("state", "code"), [("inactive", 7), ("activating", 1)])
def test_a_mark_that_an_update_left_behind_covers_nothing_for_long(state: str, code: int, place: Path) -> None:
    (place / "restarting").touch()
    os.utime(place / "restarting", (time.time() - 180, time.time() - 180))
    assert run("active", "monitor", place, state).returncode == code


def test_the_active_worker_starts_and_stops_its_unit(place: Path) -> None:
    assert run("active", "start", place).returncode == 0
    assert (place / "state").read_text() == "active\n"
    assert run("active", "stop", place, "active").returncode == 0
    assert (place / "state").read_text() == "inactive\n"


def test_a_node_that_cannot_be_active_says_why(place: Path) -> None:
    (place / "systemctl").write_text(SYSTEMCTL.replace('start) echo active >"$STATE"', "start) exit 1"))
    (place / "journalctl").write_text("#!/bin/sh\necho 'CommandError: The database is absent.'\n")
    (place / "journalctl").chmod(0o755)
    told = run("active", "start", place)
    assert (told.returncode, told.stderr.strip()) == (
        1,
        "apresa-active.service does not start: CommandError: The database is absent.",
    )


def test_the_active_worker_is_activated_first_and_deactivated_however_it_ends() -> None:
    unit = (DEPLOY / "systemd" / "apresa-active.service").read_text()
    steps = [
        line.partition("=")[0] + " " + line.rpartition(" ")[2] for line in unit.splitlines() if "manage.py" in line
    ]
    assert steps == ["ExecStartPre activate", "ExecStopPost deactivate"]


def test_a_node_without_the_unit_cannot_be_active(place: Path) -> None:
    told = run("active", "start", place, "missing")
    assert (told.returncode, told.stderr.strip()) == (5, "apresa-active.service is not installed")
    assert run("active", "stop", place, "missing").returncode == 0


def test_the_active_worker_is_started_by_nobody_but_pacemaker() -> None:
    units = {path.name: configparser.ConfigParser(strict=False, interpolation=None) for path in _units()}
    for path in _units():
        units[path.name].read(path)
    at_boot = {name for name, unit in units.items() if unit.has_section("Install")}
    assert at_boot == {"apresa-web.service", "apresa-node.service", "apresa-record.service", "apresa-link.service"}
    assert {unit["Service"]["User"] for unit in units.values()} == {"apresa"}


def _units() -> list[Path]:
    return [DEPLOY / "systemd" / f"apresa-{name}.service" for name in ("web", "node", "record", "link", "active")]


def test_every_agent_of_our_own_in_the_template_exists_and_may_be_run() -> None:
    named = set(re.findall(r"ocf:apresa:(\w+)", (DEPLOY / "pacemaker" / "cluster.crm").read_text()))
    assert named == {"pgsql", "active", "redis"}
    assert [name for name in sorted(named) if not os.access(DEPLOY / "pacemaker" / name, os.X_OK)] == []


def test_a_node_that_is_being_recovered_is_not_promoted(place: Path) -> None:
    heartbeat = place / "resource.d" / "heartbeat"
    heartbeat.mkdir(parents=True)
    (heartbeat / "pgsql").write_text('#!/bin/sh\necho "the agent: $1"\n')
    (heartbeat / "pgsql").chmod(0o755)
    mark = place / "apresa.recovering"
    environment = {"PATH": os.environ["PATH"], "OCF_ROOT": str(place), "OCF_RESKEY_tmpdir": str(place)}

    def told(action: str) -> tuple[int, str, str]:
        argv = ["sh", str(DEPLOY / "pacemaker" / "pgsql"), action]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=20, check=False)
        return done.returncode, done.stdout, done.stderr

    mark.touch()
    reason = f"ocf-exit-reason:A recovery of this node has not ended ({mark}): it is not promoted\n"
    assert told("promote") == (1, "", reason)
    assert told("monitor") == (0, "the agent: monitor\n", "")
    mark.unlink()
    assert told("promote") == (0, "the agent: promote\n", "")
