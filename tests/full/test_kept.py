"""The old database of a recovery, started to be read by a real PostgreSQL: as it was left, and for nobody else."""

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from apresa_helper import keeping

from tests.full import servers
from tests.full.servers import Postgres, start_primary

pytestmark = pytest.mark.full
TICKET = "4567cdef"


@pytest.fixture
def primary() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="apresa-kept-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        found = start_primary(folder)
        try:
            found.execute("create table acts (name text)")
            found.execute("insert into acts values ('only here')")
            yield found
        finally:
            if found.is_running():
                found.stop()


@pytest.mark.parametrize("standby", [False, True])
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_the_old_database_is_read_as_it_was_left(
    primary: Postgres, mode: str, standby: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a primary that had parted, and was started as a standby of the other node afterwards."""
    primary.stop(mode)
    folder = primary.folder.parent
    kept = folder / f"main.before-{TICKET}"
    primary.folder.rename(kept)
    (kept / "postgresql.conf").rename(folder / "postgresql.conf")
    if standby:
        (kept / "standby.signal").touch()
        with (folder / "postgresql.conf").open("a") as file:
            file.write("primary_conninfo = 'host=192.0.2.1'\nlisten_addresses = '*'\nsynchronous_standby_names = 'x'\n")
        (kept / "pg_wal" / "00000002.history").write_text("1\t0/1000000\tpromoted elsewhere\n")
    sockets = folder / "kept"
    monkeypatch.setattr(keeping, "DATA", folder / "main")
    monkeypatch.setattr(keeping, "SOCKETS", sockets)
    monkeypatch.setattr(keeping, "CONFIGURATION", str(folder / "postgresql.conf"))
    monkeypatch.setattr(keeping, "LOG", str(folder / "kept.log"))
    found = replace(primary, folder=kept, sockets=sockets)
    settings = tuple(
        f"unix_socket_directories={sockets}" if one.startswith("unix_socket") else one for one in keeping.SETTINGS
    )
    monkeypatch.setattr(
        keeping, "SETTINGS", (*settings, f"hba_file={kept}/pg_hba.conf", f"ident_file={kept}/pg_ident.conf")
    )

    def run(*argv: str, seconds: float = 0.0, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Without systemd, which a test's machine need not have."""
        command = [word for word in argv if not word.startswith("--") and "systemd-run" not in word]
        servers._run("pg_ctl", *command[1:])
        return subprocess.CompletedProcess(argv, 0, "", "")

    monkeypatch.setattr(keeping, "run", run)
    assert keeping.open_kept(TICKET) == "the old database can be read"
    try:
        assert found.execute("select name from acts") == "only here"
        assert found.execute("show listen_addresses") == ""
        assert found.execute("select pg_is_in_recovery()") == ("t" if standby else "f")
        with pytest.raises(AssertionError, match="read-only transaction"):
            found.execute("insert into acts values ('another')")
    finally:
        assert keeping.close_kept(TICKET) == "the old database is closed"
    assert not found.is_running()
