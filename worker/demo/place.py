"""Where and as whom the demonstration runs, so that a service user can reach everything."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

from worker.demo.node import PROJECT, DemoError
from worker.run.privileges import ServiceUser, run_as, service_user

SERVICE_USER = "apresa"
MOUNT_POINT = Path("/run/apresa-demo")


def ready_user() -> ServiceUser | None:
    """The service user, made if it is missing; None when we are not root. Raises DemoError."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SERVICE_USER)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        command += ["--shell", "/usr/sbin/nologin", SERVICE_USER]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DemoError(f"The user {SERVICE_USER} could not be made: {done.stderr.strip()}") from None
    return service_user(SERVICE_USER)


def go_where_reachable(user: ServiceUser | None, arguments: list[str]) -> None:
    """Where the project is closed to the service user: run again on an open path, and exit. Raises DemoError."""
    if not closed(user):
        return
    command = on_open_path([sys.executable, "-m", "worker.demo", *arguments])
    with subprocess.Popen(command, start_new_session=True) as again:  # Ctrl-C comes to us, and from us to it
        try:
            code = again.wait()
        except KeyboardInterrupt:
            again.terminate()
            code = again.wait()
        finally:
            leave_open_path()
    raise SystemExit(code)


def closed(user: ServiceUser | None) -> bool:
    """Whether the project, or its Python, lies where the service user may not go, as below /root."""
    if user is None:
        return False
    try:
        return run_as(user, [python_of_project(), "-B", "-c", "import apresa.env"], cwd=PROJECT).returncode != 0
    except (OSError, subprocess.SubprocessError):
        return True


def python_of_project() -> str:
    return str(PROJECT / ".venv" / "bin" / "python")


def on_open_path(command: list[str]) -> list[str]:
    """The command with the project mounted where everybody can read it; root's own. Raises DemoError.

    The mount lives in a namespace of its own and ends with it.
    """
    if PROJECT == MOUNT_POINT:
        raise DemoError(f"The user {SERVICE_USER} cannot run {sys.executable}; use the Python of the system.")
    script = 'mkdir -p "$2" && mount --bind "$1" "$2" && cd "$2" && shift 2 && exec "$@"'
    moved = [word.replace(str(PROJECT), str(MOUNT_POINT), 1) for word in command]
    enter = ["unshare", "--mount", "--propagation", _propagation(), "sh", "-c", script, "sh"]
    return [*enter, str(PROJECT), str(MOUNT_POINT), *moved]


def leave_open_path() -> None:
    """In a chroot below a shared mount the mount is seen outside its namespace, too."""
    leave = ["umount", str(MOUNT_POINT)]
    if MOUNT_POINT.is_mount():
        subprocess.run(leave, check=False)


def _propagation() -> str:
    """In a chroot the root is no mount point, so its propagation cannot be changed. Raises DemoError."""
    for kind in ("private", "unchanged"):
        probe = ["unshare", "--mount", "--propagation", kind, "true"]
        try:
            if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
                return kind
        except OSError:
            break
    raise DemoError("Move the project to a folder that others may read, such as /opt/apresa (not below /root).")
