"""The sealed file of records: whole or not used, whatever the bytes; and never half written."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apresa.handover import HandoverError, Origin, Record, sealed

ORIGIN = Origin("0" * 32, "north", "0123abcd")
VALUES = st.dictionaries(st.text(max_size=5), st.text(max_size=9) | st.integers() | st.none(), max_size=3)
RECORDS = st.lists(st.builds(Record, st.text(max_size=9), st.text(max_size=9), VALUES), max_size=5)
quiet = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@quiet
@given(records=RECORDS)
def test_what_is_sealed_is_read_again(records: list[Record], tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    assert sealed.write(path, ORIGIN, records) == len(records)
    assert sealed.check(path) == ORIGIN
    assert list(sealed.records(path)) == records
    assert (path.stat().st_mode & 0o777, [one.name for one in tmp_path.iterdir()]) == (0o600, ["one.jsonl"])


@quiet
@given(data=st.data())
def test_a_file_that_was_cut_or_changed_is_not_used(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    sealed.write(path, ORIGIN, [Record("audit", str(number), {"a": number}) for number in range(3)])
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 2))
    path.write_bytes(whole[:place])
    with pytest.raises(HandoverError):
        sealed.check(path)
    other = bytes([whole[place] ^ (1 << data.draw(st.integers(0, 7)))])
    path.write_bytes(whole[:place] + other + whole[place + 1 :])
    with pytest.raises(HandoverError):
        sealed.check(path)


@quiet
@given(content=st.binary(max_size=200))
def test_other_bytes_have_one_kind_of_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(HandoverError):
        sealed.check(path)
    with suppress(HandoverError):
        list(sealed.records(path))


def test_a_file_that_breaks_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        sealed.write(tmp_path / "one.jsonl", ORIGIN, [Record("audit", "1")])
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_is_too_long_is_refused(tmp_path: Path) -> None:
    huge: dict[str, Any] = {"detail": "x" * sealed.LONGEST_LINE}
    with pytest.raises(HandoverError, match="more than a file of records may hold"):
        sealed.write(tmp_path / "one.jsonl", ORIGIN, [Record("audit", "1", huge)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("node", ["", "../" + "0" * 29, "0" * 31 + "/"])
def test_a_name_that_is_no_node_and_recovery_is_refused(node: str, tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    sealed.write(path, Origin(node, "north", "0123abcd"), [])
    with pytest.raises(HandoverError, match="unknown format"):
        sealed.check(path)
