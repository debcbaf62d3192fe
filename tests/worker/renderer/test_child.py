"""What the render process may not do."""

import subprocess
import sys

import pytest

from worker.renderer.client import ROOT

CONFINED = "import resource, socket, os; from worker.renderer import child; child.confine(); "


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CONFINED + code],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("name", "least"), [("RLIMIT_CORE", 0), ("RLIMIT_AS", 3 << 30), ("RLIMIT_NOFILE", 64), ("RLIMIT_FSIZE", 16 << 30)]
)
def test_limits_are_set_and_cannot_be_raised_again(name: str, least: int) -> None:
    assert run(f"print(resource.getrlimit(resource.{name}))") == str((least, least))


def test_no_new_privileges_can_be_gained() -> None:
    assert run("print([l for l in open('/proc/self/status') if l.startswith('NoNewPrivs')][0])") == "NoNewPrivs:\t1"


def test_neither_django_nor_celery_nor_scapy_is_loaded() -> None:
    code = "import sys; print({name.split('.')[0] for name in sys.modules} & {'django', 'celery', 'scapy', 'psycopg'})"
    assert run(code) == "set()"


def test_more_cpu_than_allowed_ends_the_process() -> None:
    with pytest.raises(subprocess.CalledProcessError) as ended:
        run("child.allow_cpu(1)\nwhile True: pass")
    assert ended.value.returncode == -24
