"""What a package would put in place. Standard library only; a second run changes nothing that people changed.

Installed for a cluster the pages are reached from outside, by nginx with HTTPS, and there is no account but one whose
password is made here and shown once: nobody can be faster than the one who installs."""

import argparse
import os
import pwd
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

DEPLOY = Path(__file__).resolve().parent
HOME = "/opt/apresa"
UNITS, AGENTS, TOOLS = "/etc/systemd/system", "/usr/lib/ocf/resource.d/apresa", "/usr/lib/ocf/lib/apresa"
LINKS = "/usr/share/apresa"  # the manual's names
SETTINGS, CERTIFICATE, KEY = "/etc/apresa/apresa.toml", "/etc/apresa/web.pem", "/etc/apresa/web.key"
NODE = "/etc/apresa/cluster.toml"
SITE = "/etc/nginx/sites-available/apresa"
ALONE = 'data = "/var/lib/apresa"\n'
FOR_CLUSTER = ALONE + 'installed_for = "cluster"\nhttps = true\ntrusted_proxies = ["127.0.0.1"]\n'
ADMINISTRATOR = "admin"
# The recording component last: what could still go wrong went wrong before it.
OWN_UNITS = (
    "apresa-helper.service",
    "apresa-link.service",
    "apresa-node.service",
    "apresa-web.service",
    "apresa-record.service",
)
RESTARTING = "/run/apresa-restarting"  # as ocf:apresa:active knows it
SLOWEST = 120.0  # seconds
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # root may have a proxy for the packages
REFUSED = 4  # of cluster_update: it may not


class Refused(RuntimeError):
    """It cannot be installed here; the text says what to do."""


def files(*, cluster: bool) -> Iterator[tuple[Path, str, int]]:
    """What is copied: from, to, mode."""
    for unit in sorted((DEPLOY / "systemd").rglob("*.*")):
        if unit.is_file():
            yield unit, f"{UNITS}/{unit.relative_to(DEPLOY / 'systemd')}", 0o644
    for agent in ("active", "pgsql", "redis"):
        yield DEPLOY / "pacemaker" / agent, f"{AGENTS}/{agent}", 0o755
    for tool in sorted((DEPLOY / "pacemaker" / "sbin").iterdir()):
        yield tool, f"{TOOLS}/{tool.name}", 0o755
    if cluster:
        yield DEPLOY / "nginx" / "apresa.conf", SITE, 0o644
        yield DEPLOY / "nginx" / "apresa-web.conf", f"{UNITS}/apresa-web.service.d/front.conf", 0o644


def links(*, cluster: bool) -> Iterator[tuple[str, str]]:
    """What is linked: the name, and what it leads to."""
    for name in ("aset", "manage", "recoverdb.sh"):
        yield f"{LINKS}/{name}", f"{HOME}/deploy/bin/{name}"
    if cluster:
        yield "/etc/nginx/sites-enabled/apresa", SITE


def place(root: Path, *, cluster: bool) -> list[str]:
    """Everything that is a file, below `root`; the names of what changed."""
    changed = [to for source, to, mode in files(cluster=cluster) if _write(root, to, source.read_bytes(), mode)]
    changed += [name for name, to in links(cluster=cluster) if _link(root, name, to)]
    wanted, settings = FOR_CLUSTER if cluster else ALONE, _below(root, SETTINGS)
    if not settings.exists():
        _write(root, SETTINGS, wanted.encode(), 0o640)
        return [*changed, SETTINGS]
    text = settings.read_text(encoding="utf-8")
    missing = [line for line in wanted.splitlines() if not re.search(rf"(?m)^\s*{line.split()[0]}\s*=", text)]
    return [*changed, *(f"{SETTINGS} stays as it is; add this line: {line}" for line in missing)]


def _below(root: Path, name: str) -> Path:
    return root / name.lstrip("/")


def _write(root: Path, name: str, data: bytes, mode: int) -> bool:
    path = _below(root, name)
    if path.is_file() and path.read_bytes() == data and path.stat().st_mode & 0o777 == mode:
        return False
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.apresa")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    return True


def _link(root: Path, name: str, to: str) -> bool:
    path = _below(root, name)
    if path.is_symlink() and os.readlink(path) == to:
        return False
    if path.exists() and not path.is_symlink():
        raise Refused(f"{name} is there and is no link: move it away first.")
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(to)
    return True


def check(*, cluster: bool) -> None:
    """Raises Refused before anything is touched."""
    if os.geteuid():
        raise Refused("Run this as root: sudo deploy/install")
    if str(DEPLOY) != f"{HOME}/deploy":
        raise Refused(f"The units and agents know Apresa in {HOME}; it lies in {DEPLOY.parent}. Move it there first.")
    if not Path(HOME, ".venv/bin/python").exists():
        raise Refused("Run script/setup first: it makes Apresa's own Python.")
    if cluster and not Path("/usr/sbin/nginx").exists():
        raise Refused("A machine of a cluster is reached by nginx: apt-get install nginx")


def order(reason: str) -> None:
    """Of two nodes the primary is updated first. Raises Refused before anything is touched; a reason overrides it."""
    if not Path(NODE).exists():
        return
    override = ("--override", reason) if reason else ()
    done = subprocess.run(
        (f"{HOME}/deploy/bin/manage", "cluster_update", "--check", *override),
        capture_output=True,
        text=True,
        check=False,
    )
    said = (done.stdout + done.stderr).strip().removeprefix("CommandError: ")
    if done.returncode and not reason:
        why = said if done.returncode == REFUSED else f"It cannot be asked which release the primary has:\n{said}"
        raise Refused(
            f'{why}\nNothing was changed. Only if you know better: deploy/install --override "why". It is logged.'
        )
    say(said)


def restart() -> None:
    """Of a node: its programs, one after the other. Recording pauses for a second; nothing is taken over."""
    for unit in OWN_UNITS:
        run("systemctl", "try-restart", unit)
        say(f"{unit} runs this release")
    if ran("systemctl", "is-active", "--quiet", "apresa-active"):
        restart_active()
        say("apresa-active runs this release. This node was the active one: now update the other machine.")


def restart_active() -> None:
    """Pacemaker's agent overlooks it by a mark. `crm_resource --restart` would stop it by the cluster's configuration,
    where a power cut in that moment leaves it stopped on the node that takes over."""
    mark = Path(RESTARTING)
    mark.touch(mode=0o644)
    try:
        run("systemctl", "restart", "apresa-active")
    finally:
        mark.unlink(missing_ok=True)


def answers() -> None:
    """The pages of the new release, within the time of a slow start. Raises Refused."""
    end = time.monotonic() + SLOWEST
    while why := unanswered("/healthz"):
        if time.monotonic() > end:
            raise Refused(
                f"Apresa does not answer {SLOWEST:g} seconds after its start: {why}. See journalctl -u apresa*"
            )
        time.sleep(0.5)


def unanswered(path: str) -> str:
    """Why there is no answer; "" where there is one."""
    try:
        with DIRECT.open(f"http://127.0.0.1:8000{path}", timeout=10):
            return ""
    except OSError as error:
        return str(error)


def machine(*, cluster: bool) -> None:
    """User, folders, certificate, services, the first account. Raises Refused."""
    try:
        pwd.getpwnam("apresa")
    except KeyError:
        run("useradd", "--system", "--user-group", "--no-create-home", "apresa")
    run("install", "-d", "-o", "apresa", "-g", "apresa", "-m", "750", "/var/lib/apresa")
    run("chgrp", "apresa", SETTINGS)
    run("systemctl", "daemon-reload")
    run(f"{HOME}/deploy/bin/manage", "migrate", "--verbosity", "0")
    if cluster:
        certificate()
        first_account()
    run("systemctl", "enable", "--now", "apresa-helper.socket")
    run("systemctl", "enable", "apresa")
    if Path(NODE).exists():  # starting apresa.service would stop the node's own units
        restart()
    else:
        run("systemctl", "restart", "apresa")
    answers()
    if cluster:
        default = Path("/etc/nginx/sites-enabled/default")
        if default.is_symlink() and default.resolve() == Path("/etc/nginx/sites-available/default"):
            default.unlink()  # Debian's own welcome page
        run("systemctl", "enable", "nginx")
        run("systemctl", "restart", "nginx")


def certificate() -> None:
    if Path(KEY).exists():
        return
    name = socket.gethostname()
    subject = ("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-days", "3650")
    how = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    run("openssl", "req", *how, "-keyout", KEY, "-out", CERTIFICATE, *subject)
    shown = run("openssl", "x509", "-in", CERTIFICATE, "-noout", "-fingerprint", "-sha256").strip()
    say(f"The browser will warn of this machine's own certificate. It is the right one if it shows\n  {shown}")


def first_account() -> None:
    """Only where there is none: its password never stands in argv, and is shown this once."""
    count = "from apresa.accounts.models import User; print(User.objects.count())"
    if run(f"{HOME}/deploy/bin/manage", "shell", "-v", "0", "-c", count).split()[-1:] != ["0"]:
        return
    password = secrets.token_urlsafe(15)
    add = (f"{HOME}/deploy/bin/manage", "user", "add", ADMINISTRATOR, "--role", "administrator", "--password-stdin")
    run(*add, stdin=f"{password}\n")
    say(f"Sign in as {ADMINISTRATOR} with {password}\nThis is shown once; choose another one after signing in.")


def ran(*argv: str) -> bool:
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def run(*argv: str, stdin: str = "") -> str:
    # What it makes (databases, keys) is its user's alone, whatever root's own umask.
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False, umask=0o077)
    if done.returncode:
        said = (done.stderr + done.stdout).strip().splitlines()
        raise Refused(f"{' '.join(argv[:3])} ended with exit code {done.returncode}: {said[-1] if said else 'nothing'}")
    return done.stdout


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="deploy/install", description=__doc__)
    parser.add_argument("--cluster", action="store_true", help="this machine is to be one of two nodes")
    parser.add_argument("--root", type=Path, help="only put the files below this folder, for an image or a package")
    parser.add_argument("--override", metavar="REASON", default="", help="update this node before the primary; logged")
    options = parser.parse_args(arguments)
    try:
        if not options.root:
            check(cluster=options.cluster)
            order(options.override)
        for name in place(options.root or Path("/"), cluster=options.cluster):
            say(name)
        if not options.root:
            machine(cluster=options.cluster)
    except (Refused, OSError) as error:
        sys.stderr.write(f"deploy/install: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
