"""The set-up's verbs: what they build, what they refuse to overwrite, what no log may hold."""

import ipaddress
import re
from pathlib import Path
from typing import Any

import pytest
from apresa_helper import serve, setting_up, verbs
from apresa_helper.deeds import Chain, Edit, Run, Write
from apresa_helper.setting_up import hosts
from apresa_helper.values import Refused
from hypothesis import given
from hypothesis import strategies as st

from cluster.setup import render
from cluster.setup.site import Member, Site, Volume
from tests.deploy.helper.set_up import KEY, MEMBERS, SET_UP, WORD

TWO = [("myrec1", ["192.0.2.11"]), ("myrec2", ["192.0.2.12"])]


@pytest.fixture(autouse=True)
def _own_lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(serve, "LOCK", tmp_path / "lock")


def run(verb: str, **changes: Any) -> Run:
    deed = verbs.deed(verb, {**SET_UP[verb], **changes})
    assert isinstance(deed, Run)
    return deed


def chain(verb: str, **changes: Any) -> tuple[Run | Write | Edit, ...]:
    deed = verbs.deed(verb, {**SET_UP[verb], **changes})
    assert isinstance(deed, Chain)
    return deed.deeds


def written(verb: str, path: str, **changes: Any) -> Write:
    deed = verbs.deed(verb, {**SET_UP[verb], **changes})
    deeds = deed.deeds if isinstance(deed, Chain) else (deed,)
    (found,) = [one for one in deeds if isinstance(one, Write) and one.path == path]
    return found


@pytest.mark.parametrize("verb", ["drbd-create", "volume-make"])
@pytest.mark.parametrize(("said", "may"), [("", True), ("ext4\n", False), ("drbd\n", False), ("gpt\n", False)])
def test_nothing_is_made_over_what_the_disk_holds(verb: str, said: str, may: bool) -> None:
    deed = run(verb)
    assert deed.guard[:5] == ("/sbin/wipefs", "-n", "-i", "-O", "TYPE")
    assert deed.guard[5] == deed.argv[-1] or verb == "drbd-create"
    assert deed.wanted is not None
    assert bool(deed.wanted.fullmatch(said)) is may


@pytest.mark.parametrize(
    ("said", "may"),
    [
        ("Inconsistent/DUnknown\n", True),
        ("Inconsistent/Inconsistent\n", True),
        ("Inconsistent/UpToDate\n", False),
        ("UpToDate/DUnknown\n", False),
        ("Outdated/DUnknown\n", False),
        ("Diskless/DUnknown\n", False),
        ("", False),
    ],
)
def test_first_copy_is_forced_only_where_none_was_ever_good(said: str, may: bool) -> None:
    deed = run("drbd-first")
    assert deed.wanted is not None
    assert (deed.guard, bool(deed.wanted.fullmatch(said))) == (("/sbin/drbdadm", "dstate", "r0"), may)


@pytest.mark.parametrize(("verb", "values"), [("drbd-device", {"action": "primary"}), ("database-server", {})])
@pytest.mark.parametrize(("said", "may"), [("inactive\n", True), ("failed\n", True), ("active\n", False)])
def test_what_pacemaker_looks_after_is_not_touched(verb: str, values: dict[str, str], said: str, may: bool) -> None:
    deed = run(verb, **values)
    assert deed.wanted is not None
    assert (deed.guard, deed.guard_code) == (("/bin/systemctl", "is-active", "pacemaker"), 3)
    assert bool(deed.wanted.fullmatch(said)) is may


@pytest.mark.parametrize(("verb", "changes"), [("database-make-way", {}), ("database-take", {"part": "aside"})])
def test_a_database_of_others_is_left_where_it_is(verb: str, changes: dict[str, str]) -> None:
    deed = verbs.deed(verb, {**SET_UP[verb], **changes})
    first = deed.deeds[0] if isinstance(deed, Chain) else deed
    assert isinstance(first, Run)
    assert first.wanted is not None
    assert [bool(first.wanted.fullmatch(said)) for said in ("", "/database/db/main/base/16384\n")] == [True, False]


def test_hosts_replaces_its_own_lines_and_debians_name_of_the_machine_to_itself() -> None:
    before = b"127.0.0.1 localhost\n127.0.1.1 myrec1.example.org myrec1\n# a note on myrec2\n10.0.0.9 printer\n"
    once = hosts(before, TWO)
    assert once.decode().splitlines() == [
        "127.0.0.1 localhost",
        "# a note on myrec2",
        "10.0.0.9 printer",
        setting_up.BEGIN,
        "192.0.2.11 myrec1",
        "192.0.2.12 myrec2",
        setting_up.END,
    ]
    assert hosts(once, TWO) == once


@given(st.binary(max_size=200))
def test_hosts_can_be_written_again_whatever_stood_there(before: bytes) -> None:
    once = hosts(before, TWO)
    assert hosts(once, TWO) == once
    assert b"\n192.0.2.12 myrec2\n" in b"\n" + once


def test_files_of_the_helper_say_what_cluster_plan_shows() -> None:
    first, second = (
        Member(one["name"], tuple(ipaddress.ip_address(address) for address in one["addresses"])) for one in MEMBERS
    )
    volume = Volume("/dev/drbd0", "/var/lib/apresa/library")
    site = Site((first, second), ipaddress.ip_interface("192.0.2.10/24"), "eth0", volume)
    assert written("resources", "/etc/apresa/cluster.crm").content.decode() == render.crm(site)
    assert written("database-files", "/etc/postgresql/15/main/pg_hba.conf").content.decode() == render.pg_hba(site)


def test_drbd_uses_the_last_link_and_its_file_is_for_root_alone() -> None:
    file = written("drbd-config", "/etc/drbd.d/r0.res")
    text = file.content.decode()
    assert (file.mode, file.owner) == (0o600, "")
    assert re.findall(r"on (\S+) \{ address (\S+); \}", text) == [
        ("myrec1", "10.0.0.1:7788"),
        ("myrec2", "10.0.0.2:7788"),
    ]
    assert f'shared-secret "{WORD}";' in text


def test_link_of_ipv6_is_named_as_drbd_wants_it() -> None:
    members = [{"name": "a", "addresses": ["fd00::1"]}, {"name": "b", "addresses": ["fd00::2"]}]
    assert (
        "on a { address ipv6 [fd00::1]:7788; }"
        in written("drbd-config", "/etc/drbd.d/r0.res", members=members).content.decode()
    )


def test_the_key_of_the_database_is_for_its_server_alone() -> None:
    file = written("database-files", "/etc/postgresql/15/main/server.key")
    assert (file.content, file.mode, file.owner) == (KEY.encode(), 0o600, "postgres")


def test_no_secret_stands_in_a_command_line_or_the_log() -> None:
    for verb, values in SET_UP.items():
        deed = verbs.deed(verb, values)
        deeds = deed.deeds if isinstance(deed, Chain) else (deed,)
        assert [one for one in deeds if isinstance(one, Run) and WORD in " ".join(one.argv)] == []
        shown = str(serve.shown(values))
        assert WORD not in shown
        assert "PRIVATE KEY" not in shown


def test_the_settings_file_comes_before_the_units_that_it_lets_run() -> None:
    kinds = [
        one.path if isinstance(one, Write) else " ".join(one.argv[1:3])
        for one in chain("switch")
        if not isinstance(one, Edit)
    ]
    assert kinds == ["disable corosync", "enable apresa-web", "/etc/apresa/cluster.toml", "start --no-block"]
    text = written("switch", "/etc/apresa/cluster.toml").content.decode()
    assert 'allowed_hosts = ["192.0.2.10", "myrec1", "192.0.2.11", "myrec2", "192.0.2.12"]' in text


@pytest.mark.parametrize(
    ("verb", "changes", "sentence"),
    [
        ("drbd-create", {"disk": "/dev/drbd0"}, "A partition is named from the root, such as /dev/sdb1."),
        ("drbd-create", {"disk": "/dev/../etc/passwd"}, "A partition is named from the root, such as /dev/sdb1."),
        ("drbd-create", {"disk": "/etc/passwd"}, "A partition is named from the root, such as /dev/sdb1."),
        ("volume-make", {"device": "/dev/sda"}, "A device is one of DRBD, such as /dev/drbd0."),
        ("drbd-device", {"action": "invalidate"}, "action is one of: up, down, primary, secondary."),
        ("drbd-config", {"secret": 'a" ; }'}, "A secret is 32 to 128 letters, digits, - and _."),
        ("database-files", {"key": "PEM\n"}, "A certificate or key is one block of PEM."),
        ("database-copy", {"address": "h user=x"}, "A link is named by its IP address."),
        ("resources", {"interface": "eth0 up"}, "An interface has a name such as eth0."),
        ("resources", {"interface": "-x"}, "An interface has a name such as eth0."),
        ("resources", {"mode": "quorum"}, "mode is one of: async, sync."),
        ("resources", {"prefix": 33}, "prefix is a whole number from 1 to 32."),
        ("set-up-look", {"what": "file"}, "what is one of: disk, device, address, copy, role."),
        ("set-up-look", {"what": "address", "name": "eth0"}, "A link is named by its IP address."),
    ],
)
def test_anything_else_is_refused_with_one_sentence(verb: str, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused) as caught:
        verbs.deed(verb, {**SET_UP[verb], **changes})
    assert str(caught.value) == sentence


def test_a_chain_ends_at_the_first_program_that_says_no(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    told = Run(("/bin/echo", "first"), 5.0)
    no, late = Run(("/bin/false",), 5.0), Run(("/usr/bin/touch", str(mark)), 5.0)
    reply = serve.perform(Chain((told, no, late)))
    assert (reply["code"], reply["out"], mark.exists()) == (1, "first\n", False)


def test_a_file_that_must_be_new_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "cib.xml"
    path.write_text("old")
    serve.perform(Write(str(path), b"new", 0o600, only_new=True))
    assert path.read_text() == "old"


def test_an_edit_keeps_the_files_mode_and_what_it_does_not_change(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(b"127.0.0.1 localhost\n")
    path.chmod(0o640)
    serve.perform(Edit(str(path), lambda before: before + b"x\n"))
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"127.0.0.1 localhost\nx\n", 0o640)


def test_a_link_is_not_edited(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.symlink_to(tmp_path / "other")
    with pytest.raises(Refused):
        serve.perform(Edit(str(path), lambda _: b"x"))
