"""A lone machine's database becomes the cluster's: every row of every table, or nothing at all."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.full.nodes import PROJECT, Node
from tests.full.servers import Postgres, redis_server, start_primary

pytestmark = pytest.mark.full
FILL = "import json; from tests.full.fill import fill; print(json.dumps(fill()))"
COUNT = (
    "import json; from apresa.moving import models; "
    "print(json.dumps({m._meta.label: m._base_manager.using('default').count() for m in models()}))"
)


@dataclass(frozen=True, slots=True)
class Machine:
    """The same data directory, before (embedded) and after (full)."""

    data: Path
    server: Postgres
    redis: str

    @property
    def old(self) -> Path:
        return self.data / "default.sqlite3"

    @property
    def node(self) -> Node:
        return Node(self.data, self.server.url, self.redis)

    def alone(self, *arguments: str) -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "APRESA_DATA": str(self.data),
            "DJANGO_SETTINGS_MODULE": "apresa.settings",
            "PYTHONPATH": str(PROJECT),
        }
        argv = [sys.executable, str(PROJECT / "manage.py"), *arguments]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def mover(self) -> "subprocess.Popen[str]":
        argv = [sys.executable, str(PROJECT / "manage.py"), "move_database", str(self.old)]
        return subprocess.Popen(
            argv,
            env=self.node.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def machine() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="apresa-full-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "pg").mkdir()
        server = start_primary(folder / "pg")
        try:
            with redis_server(folder) as redis:
                made = Machine(folder / "data", server, redis)
                made.alone("migrate")
                yield made
        finally:
            server.stop("immediate")


def last(text: str) -> dict[str, int]:
    found: dict[str, int] = json.loads(text.splitlines()[-1])
    return found


def said(mover: "subprocess.Popen[str]", word: str) -> dict[str, object]:
    assert mover.stdout is not None
    for line in mover.stdout:
        found: dict[str, object] = json.loads(line)
        if found["state"] == word:
            return found
    assert mover.stderr is not None
    raise AssertionError(mover.stderr.read())


def go(mover: "subprocess.Popen[str]") -> None:
    assert mover.stdin is not None
    mover.stdin.write("go\n")
    mover.stdin.flush()


def test_every_row_of_every_table_is_moved_and_new_rows_get_keys_of_their_own(machine: Machine) -> None:
    before = last(machine.alone("shell", "-v", "0", "-c", FILL))
    assert [label for label, rows in before.items() if not rows] == []
    with machine.mover() as mover:
        try:
            said(mover, "locked")
            go(mover)
            result = said(mover, "moved")
        finally:
            mover.kill()
    after = last(machine.node.manage("shell", "-v", "0", "-c", COUNT))
    assert after == before
    assert result["rows"] == sum(before.values())
    machine.node.manage("user", "add", "anna", "--role", "administrator", "--password-stdin", stdin="a long phrase 1")


def test_while_it_moves_nobody_writes_to_the_old_database_and_its_death_lets_go(machine: Machine) -> None:
    write = "from django.contrib.auth.models import Group; Group.objects.create(name='late')"
    quick = f"from django.db import connection; connection.cursor().execute('pragma busy_timeout=200'); {write}"
    with machine.mover() as mover:
        said(mover, "locked")
        with pytest.raises(AssertionError, match="locked"):
            machine.alone("shell", "-v", "0", "-c", quick)
        mover.kill()
    machine.alone("shell", "-v", "0", "-c", write)


def test_what_one_database_cannot_hold_is_told_and_nothing_is_moved(machine: Machine) -> None:
    bad = "from django.contrib.auth.models import Group; Group.objects.create(name='a' + chr(0))"
    machine.alone("shell", "-v", "0", "-c", bad)
    with machine.mover() as mover:
        said(mover, "locked")
        out, err = mover.communicate("go\n", timeout=120)
    assert (mover.returncode, '"moved"' in out) == (1, False)
    assert err.strip().startswith("CommandError: The database could not be moved: ")
    groups = "from django.contrib.auth.models import Group; print(Group.objects.filter(name__startswith='a').count())"
    assert machine.node.manage("shell", "-v", "0", "-c", groups).splitlines()[-1] == "0"


def test_an_earlier_attempt_is_replaced_as_a_whole(machine: Machine) -> None:
    machine.alone("shell", "-v", "0", "-c", FILL)
    for _ in range(2):
        with machine.mover() as mover:
            try:
                said(mover, "locked")
                go(mover)
                said(mover, "moved")
            finally:
                mover.kill()
    counts = last(machine.alone("shell", "-v", "0", "-c", COUNT))
    assert last(machine.node.manage("shell", "-v", "0", "-c", COUNT)) == counts


HELD = """
from pathlib import Path
from apresa.moving import Changed, held_unchanged
try:
    with held_unchanged(Path({old!r}), lambda: None):
        {inside}
        print("same")
except Changed as error:
    print("changed", error)
"""
GROUP = "from django.contrib.auth.models import Group; Group.objects.create(name='late')"


def compared(machine: Machine, inside: str = "pass") -> str:
    text = HELD.format(old=str(machine.old), inside=inside)
    return machine.node.manage("shell", "-v", "0", "-c", text).splitlines()[-1]


def moved(machine: Machine) -> None:
    machine.alone("shell", "-v", "0", "-c", FILL)
    with machine.mover() as mover:
        try:
            said(mover, "locked")
            go(mover)
            said(mover, "moved")
        finally:
            mover.kill()


def test_after_a_move_what_people_change_is_noticed_and_the_audit_trail_is_not(machine: Machine) -> None:
    moved(machine)
    assert compared(machine) == "same"
    machine.node.manage("shell", "-v", "0", "-c", GROUP)
    assert compared(machine) == "changed auth_group"


def test_while_it_is_held_nobody_writes_and_its_server_may_end(machine: Machine) -> None:
    moved(machine)
    write = (
        f"import psycopg; other = psycopg.connect({machine.server.url!r}, autocommit=True); "
        "other.execute('set lock_timeout = 200'); other.execute('truncate auth_group cascade')"
    )
    with pytest.raises(AssertionError, match="lock timeout"):
        compared(machine, write)
    ends = (
        "from django.db import connection; connection.cursor().execute('select pg_terminate_backend(pg_backend_pid())')"
    )
    assert compared(machine, "print('same'); " + ends).startswith("same")
