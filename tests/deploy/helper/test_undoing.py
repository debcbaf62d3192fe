"""The verbs that take a set-up back: in which order, and what they refuse."""

from typing import Any

import pytest
from apresa_helper import setting_up, undoing, verbs
from apresa_helper.deeds import Chain, Edit, Run, Write
from apresa_helper.setting_up import hosts
from hypothesis import given
from hypothesis import strategies as st

from tests.deploy.helper.set_up import SET_UP

TWO = [("myrec1", ["192.0.2.11"]), ("myrec2", ["192.0.2.12"])]


def deeds(verb: str, **changes: Any) -> tuple[Run | Write | Edit, ...]:
    deed = verbs.deed(verb, {**SET_UP[verb], **changes})
    return deed.deeds if isinstance(deed, Chain) else (deed,)


REMOVING = ["undo-database", "undo-drbd", "undo-drbd-config", "undo-make-way", "undo-redis", "undo-ring"]


@pytest.mark.parametrize("verb", REMOVING)
def test_nothing_goes_on_a_machine_that_still_is_a_node(verb: str) -> None:
    assert deeds(verb)[0] == Run(("/usr/bin/test", "!", "-e", "/etc/apresa/cluster.toml"), 5.0)


def test_the_settings_file_goes_before_any_unit_changes() -> None:
    argvs = [one.argv for one in deeds("undo-switch") if isinstance(one, Run)]
    assert argvs == [
        ("/bin/rm", "-f", "/etc/apresa/cluster.toml"),
        ("/bin/sync", "/etc/apresa"),
        ("/bin/systemctl", "disable", "apresa-web", "apresa-node", "apresa-record", "apresa-link"),
        ("/bin/systemctl", "stop", "--no-block", "apresa-link"),
        ("/bin/systemctl", "start", "--no-block", "apresa"),
    ]


@pytest.mark.parametrize(
    ("said", "may"), [("/dev/sdb1\n", True), ("/dev/sdb11\n", False), ("/dev/sda1\n", False), ("", False)]
)
def test_only_the_partition_that_drbd_names_is_emptied(said: str, may: bool) -> None:
    _lone, rest, wipe, blank = deeds("undo-drbd")
    assert isinstance(wipe, Run)
    assert wipe.wanted is not None
    assert (wipe.guard, bool(wipe.wanted.fullmatch(said))) == (("/sbin/drbdadm", "sh-ll-dev", "r0"), may)
    assert isinstance(blank, Run)
    assert blank.argv == ("/sbin/wipefs", "-a", "/dev/sdb1")
    assert isinstance(rest, Run)
    assert (rest.guard, rest.guard_code) == (("/bin/systemctl", "is-active", "pacemaker"), 3)


def test_the_databases_files_are_kept_aside() -> None:
    argvs = [one.argv for one in deeds("undo-database") if isinstance(one, Run)]
    assert argvs[3][-5:] == ("/bin/mv", "-t", "/database/db/given-up", "{}", "+")
    assert [argv[1] for argv in argvs if "-delete" in argv] == ["/database/db", "/etc/postgresql/15/main"]
    assert "/database/db/given-up/*" in argvs[1]


@given(st.text("abc .#127myrec\n", max_size=120))
def test_names_that_were_written_are_removed_and_the_own_name_leads_here_again(before: str) -> None:
    kept = undoing.hosts(hosts(before.encode(), TWO), "myrec1").decode().splitlines()
    assert setting_up.BEGIN not in kept
    assert "192.0.2.12 myrec2" not in kept
    assert any("myrec1" in line.partition("#")[0].split()[1:] for line in kept)


@given(st.binary(max_size=200))
def test_a_file_without_our_block_is_left_as_it_is(before: bytes) -> None:
    if setting_up.BEGIN.encode() not in before:
        assert undoing.hosts(before, "myrec1") == before


def test_debians_own_redis_settings_stay() -> None:
    (edit,) = [one for one in deeds("undo-redis") if isinstance(one, Edit)]
    assert edit.change(b"port 0\ninclude /etc/redis/apresa.conf\n") == b"port 0\n"
    assert edit.change(b"port 0\n") == b"port 0\n"


def test_a_redis_that_does_not_start_holds_up_nothing() -> None:
    (begun,) = [one for one in deeds("undo-redis") if isinstance(one, Run) and "redis-server" in one.argv]
    assert begun.argv == ("/bin/systemctl", "try-restart", "--no-block", "redis-server")
