"""Who runs what: only the recording component may keep root's rights, and only to open its sockets."""

import ctypes
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CAP_NET_RAW = 13
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 1, 38, 47, 4
_libc = ctypes.CDLL(None, use_errno=True)


class PrivilegeError(RuntimeError):
    """The service user cannot do its work here; the text says what to do."""


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """The account without rights under which worker and web run."""

    name: str
    uid: int
    gid: int


def service_user(name: str) -> ServiceUser | None:
    """The account to change to, or None when we are not root and need none. Raises PrivilegeError."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise PrivilegeError(
            f"There is no user {name} to run as; make one: useradd --system --user-group --no-create-home {name}"
        ) from None
    if entry.pw_uid == 0:
        raise PrivilegeError(f"Worker and web never run as root; give a service user other than {name}.")
    return ServiceUser(name, entry.pw_uid, entry.pw_gid)


def may_capture() -> bool:
    """Whether this process may open packet sockets."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> CAP_NET_RAW & 1)
    return False


def own_data(data: Path, user: ServiceUser) -> None:
    """Give the data directory, and what root's own start put at its top, to the service user. Raises PrivilegeError.

    Nothing below a directory that the service user already owns is touched but plain files of root with one
    name: there it could have placed a link to a file of the system.
    """
    try:
        data.mkdir(mode=0o750, parents=True, exist_ok=True)
        for path in (data, *data.iterdir()):
            found = path.lstat()
            if found.st_uid == 0 and not path.is_symlink() and (path.is_dir() or found.st_nlink == 1):
                os.chown(path, user.uid, user.gid, follow_symlinks=False)
    except OSError as error:
        raise PrivilegeError(f"The data directory {data} cannot be given to {user.name}: {error}.") from None


def check_reach(project: Path, data: Path, user: ServiceUser) -> None:
    """Raises PrivilegeError unless the service user can start our Python, read the project and write the data."""
    probe = "import os, sys, apresa.env; sys.exit(0 if os.access(sys.argv[1], os.W_OK | os.X_OK) else 9)"
    command = [sys.executable, "-B", "-c", probe, str(data)]
    try:
        done = run_as(user, command, cwd=project)
    except (OSError, subprocess.SubprocessError):
        done = None
    if done is not None and done.returncode == 9:
        raise PrivilegeError(f"The user {user.name} cannot write to {data}; its folders must let that user through.")
    if done is None or done.returncode:
        raise PrivilegeError(
            f"The user {user.name} cannot read {project} or its Python; move the project to a folder that others may "
            "read, such as /opt/apresa (not below /root)."
        )


def run_as(
    user: ServiceUser | None,
    command: list[str],
    *,
    cwd: Path,
    timeout: float = 30,
    data: Path | None = None,
    words: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run a short command as the service user, `words` on its input. Raises OSError, subprocess.SubprocessError."""
    home = {"APRESA_DATA": str(data), "HOME": str(data)} if data else {}
    groups: list[str | int] | None = [] if user else None
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **home},
        input=words,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        umask=0o077,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=groups,
    )


def hardening(*, death_signal: int, keep_rights: bool) -> Callable[[], None]:
    """What a child does between fork and exec: die with us, and gain no rights again."""

    def harden() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if not keep_rights:
            _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
            _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)

    return harden
