"""The tests of the Django side once more, on PostgreSQL and Redis."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.full.nodes import PROJECT
from tests.full.servers import redis_server, start_primary

pytestmark = pytest.mark.full
ROOMS = (
    "tests/apresa",
    "tests/recordings/domain",
    "tests/recordings/models",
    "tests/recordings/queries",
    "tests/recordings/api",
    "tests/recordings/pages",
)
NOT_HERE = "not embedded and not full and not browser and not lab and not shared"


def test_django_side_works_on_postgresql_and_redis() -> None:
    with tempfile.TemporaryDirectory(prefix="apresa-full-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "pg").mkdir()
        server = start_primary(folder / "pg")
        try:
            with redis_server(folder) as redis_url:
                servers = {"APRESA_TEST_DATABASE_URL": server.url, "APRESA_TEST_REDIS_URL": redis_url}
                rooms = [room for room in ROOMS if any((PROJECT / room).rglob("test_*.py"))]
                command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", NOT_HERE, *rooms]
                environment = {**os.environ, **servers}
                done = subprocess.run(
                    command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=600, check=False
                )
        finally:
            server.stop("immediate")
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
