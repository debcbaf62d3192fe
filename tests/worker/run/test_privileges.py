import os
import pwd
import sys
from pathlib import Path

import pytest

from apresa.env import PROJECT
from worker.run.privileges import (
    PrivilegeError,
    ServiceUser,
    check_reach,
    may_capture,
    own_data,
    run_as,
    service_user,
)

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change to another user")
NOBODY = ServiceUser("nobody", pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)


def others_can_run(python: str) -> bool:
    try:
        return run_as(NOBODY, [python, "-c", ""], cwd=Path("/")).returncode == 0
    except OSError:
        return False


open_python = pytest.mark.skipif(
    os.geteuid() == 0 and not others_can_run(sys.executable), reason="this Python lies in a closed home"
)


@root_only
def test_an_unknown_service_user_is_refused_with_the_command_that_makes_it() -> None:
    with pytest.raises(PrivilegeError, match="useradd --system --user-group --no-create-home no-such-user"):
        service_user("no-such-user")


@root_only
def test_root_is_no_service_user() -> None:
    with pytest.raises(PrivilegeError, match="never run as root"):
        service_user("root")


@root_only
@open_python
def test_root_may_capture_and_the_service_user_may_not() -> None:
    probe = "from worker.run.privileges import may_capture; print(may_capture())"
    assert (may_capture(), run_as(NOBODY, [sys.executable, "-B", "-c", probe], cwd=PROJECT).stdout) == (True, "False\n")


@root_only
@open_python
def test_a_child_of_the_service_user_has_no_groups_of_root() -> None:
    probe = "import os; print(os.getresuid(), os.getgroups())"
    done = run_as(NOBODY, [sys.executable, "-c", probe], cwd=Path("/"))
    assert done.stdout == f"{(NOBODY.uid,) * 3} []\n"


@root_only
def test_the_data_goes_to_the_service_user_but_nothing_behind_links(tmp_path: Path) -> None:
    outside, data = tmp_path / "outside", tmp_path / "data"
    outside.write_text("the system's")
    data.mkdir()
    (data / "secret_key").write_text("x")
    (data / "link").symlink_to(outside)
    (data / "second-name").hardlink_to(outside)
    own_data(data, NOBODY)
    owners = {path.name: path.lstat().st_uid for path in (outside, data, data / "secret_key", data / "link")}
    assert owners == {"outside": 0, "data": NOBODY.uid, "secret_key": NOBODY.uid, "link": 0}


@root_only
def test_a_project_that_the_service_user_cannot_read_is_one_sentence(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "apresa").symlink_to(PROJECT / "apresa")
    with pytest.raises(PrivilegeError, match="move the project to a folder that others may read"):
        check_reach(closed, tmp_path, NOBODY)


@root_only
@open_python
def test_data_that_the_service_user_cannot_write_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PrivilegeError, match="The user nobody cannot write to"):
        check_reach(PROJECT, tmp_path, NOBODY)
