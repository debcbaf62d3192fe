"""One connection to the helper, over a real socket, and as the program that systemd starts."""

import fcntl
import json
import os
import socket
import stat
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from apresa_helper import serve, verbs
from apresa_helper.commands import run
from apresa_helper.deeds import Deed, Run, Write
from apresa_helper.values import Refused
from hypothesis import given
from hypothesis import strategies as st

PROGRAM = Path(__file__).parents[3] / "deploy" / "helper"


@pytest.fixture(autouse=True)
def _own_lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(serve, "LOCK", tmp_path / "lock")


def asked(request: bytes, allowed: int | None = None) -> dict[str, Any]:
    """The helper's answer to these bytes, sent by this process."""
    near, far = socket.socketpair()
    with near, far:
        near.sendall(request)
        near.shutdown(socket.SHUT_WR)
        serve.serve(far, os.getuid() if allowed is None else allowed)
        far.close()
        return json.loads(b"".join(iter(lambda: near.recv(65536), b"")))  # type: ignore[no-any-return]


def line(verb: str, **values: object) -> bytes:
    return json.dumps({"verb": verb, "values": values}).encode() + b"\n"


def with_verb(monkeypatch: pytest.MonkeyPatch, deed: Deed) -> bytes:
    monkeypatch.setattr(verbs, "VERBS", {"try": lambda _: deed})
    return line("try")


def test_another_user_is_refused_before_the_request_is_read() -> None:
    assert asked(b"", allowed=os.getuid() + 1) == {"refused": "Only the service's own user may ask the root helper."}


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (b"", "A request is one line of at most 16384 bytes."),
        (b'{"verb": "ask"', "A request is one line of at most 16384 bytes."),
        (b"x" * 20000 + b"\n", "A request is one line of at most 16384 bytes."),
        (b"\xff\n", "A request is one line of JSON."),
        (b"[" * 5000 + b"\n", "A request is one line of JSON."),
        (b"[]\n", 'A request has exactly "verb" and "values".'),
    ],
)
def test_what_is_no_request_gets_one_sentence(request_: bytes, sentence: str) -> None:
    assert asked(request_) == {"refused": sentence}


def test_command_runs_without_a_shell_and_without_the_callers_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APRESA_TEST_SECRET", "hidden")
    deed = Run(("/bin/sh", "-c", 'cat; echo "$0|$APRESA_TEST_SECRET|$PWD"; echo no >&2; exit 3', "$HOME;id"), 20.0)
    answer = asked(with_verb(monkeypatch, deed))
    assert answer == {"argv": list(deed.argv), "code": 3, "out": "$HOME;id||/\n", "err": "no\n"}


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (("/nowhere/drbdadm",), "missing"),
        (("/bin/sh", "-c", "sleep 100 & sleep 100"), "late"),
        (("/bin/sh", "-c", "head -c 3000000 /dev/zero; sleep 100"), "unreadable"),
    ],
)
def test_command_without_a_usable_answer_says_why(
    monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...], why: str
) -> None:
    answer = asked(with_verb(monkeypatch, Run(argv, 0.5 if why == "late" else 20.0)))
    assert answer["unavailable"] == why


@pytest.mark.parametrize(
    ("guard", "done"), [("echo Secondary/Primary", True), ("echo Primary", False), ("exit 1", False)]
)
def test_guarded_deed_is_done_only_when_the_guard_agrees(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, guard: str, done: bool
) -> None:
    trace = tmp_path / "done"
    deed = Run(("/bin/touch", str(trace)), 20.0, ("/bin/sh", "-c", guard), verbs.NOT_PRIMARY, "It is in use.")
    answer = asked(with_verb(monkeypatch, deed))
    assert (trace.exists(), answer.get("refused")) == (done, None if done else "It is in use.")


def test_file_is_replaced_as_a_whole_with_its_mode(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "authkey"
    path.write_bytes(b"old")
    (tmp_path / ".authkey.apresa").write_bytes(b"of one that was killed")
    answer = asked(with_verb(monkeypatch, Write(str(path), b"new", 0o400)))
    assert answer == {"argv": ["write", str(path)], "code": 0, "out": "", "err": ""}
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o400)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["authkey", "lock"]


def test_missing_folder_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer = asked(with_verb(monkeypatch, Write(str(tmp_path / "none" / "file"), b"", 0o600)))
    assert answer == {"refused": "It could not be done: No such file or directory."}


def test_everything_is_logged_but_secrets(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(serve, "perform", lambda deed: {"argv": ["write", deed.path], "code": 0, "out": "", "err": ""})
    asked(line("corosync-key", key="ab" * 128))
    asked(line("corosync-key", key="ab" * 127))
    first, second, third = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["verb"], first["values"], first["uid"]) == ("corosync-key", {"key": "***"}, os.getuid())
    assert (second["argv"], second["code"]) == (["write", "/etc/corosync/authkey"], 0)
    assert third["refused"] == "A key of Corosync is 256 hexadecimal digits."


def test_what_only_reads_is_not_logged(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked(with_verb(monkeypatch, Run(("/bin/true",), 20.0, changes=False)))
    quiet = capsys.readouterr().err
    asked(with_verb(monkeypatch, Run(("/nowhere/psql",), 20.0, changes=False)))
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (quiet, [one["unavailable"] for one in told]) == ("", ["missing"])


def test_changes_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "SECONDS_TO_WAIT", 0.2)
    with serve.LOCK.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        busy = asked(with_verb(monkeypatch, Run(("/bin/true",), 5.0)))
        reading = asked(with_verb(monkeypatch, Run(("/bin/true",), 5.0, changes=False)))
    assert (busy["unavailable"], reading["code"]) == ("late", 0)


@pytest.mark.skipif(os.getuid() != 0, reason="the helper is root's")
def test_program_of_the_unit_file_answers_many_at_once(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen(8)
        # As systemd starts it: isolated, and the listening socket is descriptor 3.
        words = ["/bin/sh", "-c", 'exec "$@" 3<&0', "sh", "/usr/bin/python3", "-I", "-S", str(PROGRAM), "root"]
        helper = subprocess.Popen(words, stdin=listener.fileno(), stderr=subprocess.PIPE)
    connections = [socket.socket(socket.AF_UNIX) for _ in range(4)]
    for connection in connections:  # all are open before the first one asks
        connection.connect(str(tmp_path / "s"))
    answers = []
    for connection in reversed(connections):
        with connection:
            connection.sendall(line("shell"))
            answers.append(json.loads(connection.recv(65536))["refused"][:22])
    helper.terminate()
    helper.communicate(timeout=30)
    assert answers == ["There is no such verb;"] * 4


def test_helper_ends_when_nobody_asks(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen(1)
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(tmp_path / "s"))
            caller.sendall(line("shell"))
            serve.listen(listener, os.getuid(), idle=0.2)
            answer = json.loads(caller.recv(65536))
    assert answer["refused"][:22] == "There is no such verb;"


def test_helper_loads_the_standard_library_alone() -> None:
    program = f"import sys; sys.path.insert(0, {str(PROGRAM)!r}); import apresa_helper.serve"
    done = subprocess.run(["/usr/bin/python3", "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_a_request_or_refused(data: bytes) -> None:
    with suppress(Refused):
        serve.parse(data)


def test_a_process_that_closes_its_outputs_is_late_all_the_same() -> None:
    with pytest.raises(Exception, match="did not end within"):
        run(("/bin/sh", "-c", "exec >&- 2>&-; sleep 100"), 0.3)


def test_a_program_reads_what_the_deed_gives_it_and_the_answer_does_not_name_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    found = asked(with_verb(monkeypatch, Run(("/usr/bin/sha256sum",), 10.0, stdin=b"secret")))
    assert found["out"] == "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b  -\n"
    assert "secret" not in capfd.readouterr().err


def test_a_file_gets_its_owner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "fchown", lambda _handle, user, group: given.append((user, group)))
    asked(with_verb(monkeypatch, Write(str(tmp_path / "file"), b"text", 0o600, owner="daemon")))
    assert given == [(1, 1)]


def test_a_file_of_an_unknown_owner_is_refused_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deed = Write(str(tmp_path / "file"), b"text", 0o600, owner="nobody-at-all")
    assert asked(with_verb(monkeypatch, deed)) == {"refused": "There is no user nobody-at-all on this machine."}
    assert list(tmp_path.glob("*file*")) == []
