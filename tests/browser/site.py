"""A whole web application to look at: seeded data in a directory of its own, served by uvicorn on a free port.

python -m tests.browser.site COUNT     fill the directory of APRESA_DATA; prints the paths of its pages as JSON
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PASSWORD = "a long enough phrase"
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Site:
    """`paths` names the pages to look at."""

    address: str
    data: Path
    paths: dict[str, str]


@contextmanager
def site(data: Path, count: int, house: str = "tests.browser.site", app: str = "apresa.asgi") -> Iterator[Site]:
    """Fill the directory with so many calls and serve it until the end of the block.

    `house` is the module that fills it, `app` the one that is served.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("APRESA_")}
    environment.update(APRESA_DATA=str(data), APRESA_LOG_LEVEL="error", DJANGO_SETTINGS_MODULE="apresa.settings")
    argv = [sys.executable, "-m", house, str(count)]
    told = subprocess.run(argv, cwd=PROJECT, env=environment, check=True, timeout=PATIENCE, stdout=subprocess.PIPE)
    port = _free_port()
    serve = [sys.executable, "-m", "uvicorn", f"{app}:application", "--port", str(port), "--log-level", "error"]
    server = subprocess.Popen(serve, cwd=PROJECT, env=environment)
    try:
        _await(f"http://127.0.0.1:{port}/healthz")
        yield Site(f"http://127.0.0.1:{port}", data, json.loads(told.stdout))
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


def _await(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def fill(count: int) -> dict[str, str]:
    """The data, and the path of each page by its name."""
    import django  # noqa: PLC0415 -- only the process that fills needs it

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 -- after django.setup

    from apresa.accounts.domain import add_user  # noqa: PLC0415 -- after django.setup
    from recordings.models import UserNumber  # noqa: PLC0415 -- after django.setup
    from tests.browser import acts, seed  # noqa: PLC0415 -- after django.setup
    from tests.samples import decisions  # noqa: PLC0415 -- after django.setup
    from tests.samples.cluster import kept  # noqa: PLC0415 -- after django.setup

    call_command("migrate", verbosity=0)
    for name, role in (("anna", "administrator"), ("bob", "listener"), ("carl", "supervisor")):
        user = add_user(username=name, password=PASSWORD, role=role, by="tests")
        if role == "listener":
            UserNumber.objects.create(user=user, number="2102")
    kept.keep(node="north", ago=-86_400, pacemaker=kept.said(kept.FAILED))  # stays fresh for as long as the tests take
    calls = seed.seed(count)
    failed, hostile = seed.failed_call(calls[0].started), seed.hostile_call(calls[0].started)
    for number, call in enumerate([*reversed(calls), failed, hostile], 1):
        decisions.line_of(number, call)
    acts.fill(calls, hostile)
    return {
        "calls": "/calls/",
        "calls-filtered": "/calls/?number=21&end_reason=bye&min_duration=5",
        "calls-none": "/calls/?number=999999",
        "call": f"/calls/{calls[1].pk}/",
        "call-gap": f"/calls/{calls[3].pk}/",
        "call-no-answer": f"/calls/{calls[4].pk}/",
        "call-held": f"/calls/{calls[6].pk}/",
        "call-contested": f"/calls/{calls[7].pk}/",
        "call-failed": f"/calls/{failed.pk}/",
        "call-hostile": f"/calls/{hostile.pk}/",
        "calls-hostile": "/calls/?number=www",
        "calls-tag": "/calls/?tag=fx&note=rate&on_hold=true",
        "holds": "/holds/",
        "active-calls": "/active-calls/",
        "cluster": "/cluster/",
        "cluster-act": "/cluster/act/maintenance-on/",
        "cluster-act-refused": "/cluster/act/maintenance-off/",
        "system": "/system/",
        "why": "/why/",
        "why-filtered": "/why/?kept=not-recorded&reason=no-media",
        "why-none": "/why/?number=999999",
        "why-hostile": "/why/?number=www",
        "mirror": "/system/mirror/",
        "recorder": "/system/recorder/",
        "settings": "/settings/",
        "account": "/account/",
        "not-found": "/nowhere/",
    }


if __name__ == "__main__":
    json.dump(fill(int(sys.argv[1])), sys.stdout)
