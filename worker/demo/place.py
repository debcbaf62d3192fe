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
    """A project below /root is closed to the service user: run again where it is mounted on an open path, and exit.

    The mount lives in a namespace of our own and ends with it. Raises DemoError.
    """
    if user is None or _reaches(user):
        return
    if PROJECT == MOUNT_POINT:
        raise DemoError(f"The user {user.name} cannot run {sys.executable}; use the Python of the system.")
    script = 'mkdir -p "$2" && mount --bind "$1" "$2" && cd "$2" && shift 2 && exec "$@"'
    python = MOUNT_POINT / Path(sys.executable).relative_to(PROJECT)
    words = ["sh", "-c", script, "sh", str(PROJECT), str(MOUNT_POINT), str(python), "-m", "worker.demo", *arguments]
    command = ["unshare", "--mount", "--propagation", _propagation(), *words]
    leave = ["umount", str(MOUNT_POINT)]
    with subprocess.Popen(command, start_new_session=True) as again:  # Ctrl-C comes to us, and from us to it
        try:
            code = again.wait()
        except KeyboardInterrupt:
            again.terminate()
            code = again.wait()
        finally:
            if MOUNT_POINT.is_mount():  # in a chroot below a shared mount it is seen outside the namespace, too
                subprocess.run(leave, check=False)
    raise SystemExit(code)


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


def _reaches(user: ServiceUser) -> bool:
    try:
        return run_as(user, [sys.executable, "-B", "-c", "import apresa.env"], cwd=PROJECT).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False
