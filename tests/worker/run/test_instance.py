import socket
from pathlib import Path

import pytest

from worker.run import instance
from worker.run.instance import InstanceError, listen, only_instance


def test_a_second_supervisor_of_one_directory_is_refused(tmp_path: Path) -> None:
    with only_instance(tmp_path, None), pytest.raises(InstanceError) as refused, only_instance(tmp_path, None):
        pass
    assert str(refused.value) == f"Apresa already runs on {tmp_path}; stop it, or set another directory in APRESA_DATA."


def test_the_directory_is_free_again_after_the_first(tmp_path: Path) -> None:
    with only_instance(tmp_path, None):
        pass
    with only_instance(tmp_path, None):
        assert (tmp_path / "run" / "run.lock").exists()


def test_a_port_in_use_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "PORT_PATIENCE", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(InstanceError) as refused:
            listen("127.0.0.1", port)
    assert str(refused.value) == (
        f"Cannot serve on 127.0.0.1 port {port}: Address already in use; choose another with --port."
    )


def test_a_directory_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    refused = pytest.raises(InstanceError, match=r"^The data directory .* cannot be used: ")
    with refused, only_instance(tmp_path / "data", None):
        pass
