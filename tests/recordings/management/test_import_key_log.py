"""`import_capture --key-log`: SIP in TLS."""

from pathlib import Path

import pytest

from tests.recordings.management.test_import_capture import calls, scratch
from tests.worker.sniffer.test_offline_tls import tls_capture

pytestmark = pytest.mark.embedded


def test_a_call_in_tls_is_imported_with_its_key_log(tmp_path: Path) -> None:
    capture, _ = tls_capture(tmp_path, inject=False)
    ended = scratch(str(capture), "--key-log", str(tmp_path / "keys.log"))
    [call] = calls(ended.stdout)
    assert (ended.returncode, call["protocol"], call["caller"], call["callee"]) == (0, "sip", "alice", "bob")


def test_a_key_log_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    capture, _ = tls_capture(tmp_path, inject=False)
    ended = scratch(str(capture), "--key-log", str(tmp_path / "none.log"))
    said = f"The key log {tmp_path / 'none.log'} cannot be read: No such file or directory\n"
    assert (ended.returncode, ended.stdout, ended.stderr.decode()) == (2, b"", said)
