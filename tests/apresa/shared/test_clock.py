"""The name of a boot."""

import uuid
from pathlib import Path

import pytest

from apresa.shared import clock

KERNEL = "5a5c1c1e-8c1c-4f0e-9d5e-0d1b6d3f2a10"


def told(monkeypatch: pytest.MonkeyPatch, **files: str) -> str:
    """The name where /proc says this."""
    kept = {"/proc/sys/kernel/random/boot_id": files.get("kernel", ""), "/proc/1/stat": files.get("first", "")}
    monkeypatch.setattr(Path, "read_text", lambda self, **_: kept[str(self)])
    return clock.boot_id()


def stat(started: int) -> str:
    return f"1 (a name) with ) S {'0 ' * 18}{started} 0 0"


def test_a_boot_keeps_its_name() -> None:
    assert clock.boot_id() == clock.boot_id()
    assert uuid.UUID(clock.boot_id()).version == 5


def test_another_process_1_under_the_same_kernel_is_another_boot(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [told(monkeypatch, kernel=f"{KERNEL}\n", first=stat(started)) for started in (100, 101, 100)]
    assert names[0] == names[2] != names[1]


@pytest.mark.parametrize(
    ("kernel", "first"), [("", stat(1)), ("no name", stat(1)), (KERNEL, ""), (KERNEL, "1 (x) S 0")]
)
def test_what_proc_does_not_tell_is_unknown(monkeypatch: pytest.MonkeyPatch, kernel: str, first: str) -> None:
    assert told(monkeypatch, kernel=kernel, first=first) == clock.UNKNOWN_BOOT
