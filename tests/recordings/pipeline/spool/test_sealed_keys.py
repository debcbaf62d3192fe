"""The keys of sealed spool files: where they lie, when they are gone, and what happens without them."""

import os
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from apresa.shared.sealing.header import parse_header
from recordings.pipeline.spool import keys as spool_keys
from recordings.pipeline.spool.calls import read_call, write_call
from recordings.pipeline.spool.content import locked
from recordings.pipeline.spool.errors import SpoolError, SpoolLocked
from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.keys import KeyFolder, filesystem_of
from recordings.pipeline.spool.policy import Policy, PolicyReader, parse_policy, write_policy
from recordings.pipeline.spool.sealing import Sealing, sealing_of
from recordings.pipeline.spool.segments import JournalWriter
from tests.samples.sealing import reboot, recipient, sealed_session, sealing, unlock
from tests.samples.spool import sip_call

pytestmark = pytest.mark.usefixtures("key_folder")

SAID = b"what was said, twenty milliseconds of it"


def journal(path: Path, how: Sealing | None, segment_bytes: int = 32 << 20) -> JournalWriter:
    return JournalWriter(path, {"node": "n", "boot": "b", "child": 1}, segment_bytes, how)


def test_after_a_reboot_a_file_waits_and_after_an_unlock_it_reads(tmp_path: Path, key_folder: KeyFolder) -> None:
    session, how = sealing(tmp_path)
    call = sip_call()
    path = session.call(call.local)
    write_call(path, call, how)
    reboot(key_folder)
    assert locked(path)
    with pytest.raises(SpoolLocked, match="sealed, waits for unlock"):
        read_call(path)
    unlock(session, key_folder)
    assert not locked(path)
    assert read_call(path) == call


def test_the_wrapped_key_is_on_the_disk_before_anything_is_sealed(tmp_path: Path) -> None:
    session, how = sealing(tmp_path)
    assert not session.runs.exists()
    records = how.begin("s")
    assert records is not None
    [path] = session.runs.iterdir()
    assert path.read_bytes() == records.head[:129]
    assert path.stem == str(parse_header(records.head).call)


def test_files_of_an_hour_have_one_run_and_another_file_key_each(tmp_path: Path) -> None:
    session, how = sealing(tmp_path)
    heads = [found.head for name in ("a", "b") if (found := how.begin(name))]
    assert heads[0][:129] == heads[1][:129]
    assert heads[0] != heads[1]
    assert len(list(session.runs.iterdir())) == 1


def test_another_recipient_gets_another_run(tmp_path: Path) -> None:
    session, how = sealing(tmp_path)
    how.begin("a")
    other = recipient(X25519PrivateKey.generate())
    write_policy(session.policy, Policy(number=2, recipient=other))
    how.policy.current()
    found = how.begin("b")
    assert found is not None
    assert parse_header(found.head).key_pair.hex() == other.id


def test_keys_on_a_disk_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    session, how = sealing(tmp_path)
    spool_keys.use(Path(__file__).parent / "keys-on-disk")
    try:
        with pytest.raises(OSError, match="tmpfs or ramfs only"):
            write_call(session.call("1"), sip_call("1"), how)
    finally:
        (Path(__file__).parent / "keys-on-disk").rmdir()
    assert list(session.calls.iterdir()) == []


def test_without_a_folder_for_keys_nothing_is_written(tmp_path: Path) -> None:
    session, how = sealing(tmp_path)
    spool_keys.use(None)
    with pytest.raises(OSError, match="no folder is set"):
        write_call(session.call("1"), sip_call("1"), how)
    assert list(session.calls.iterdir()) == []


def test_a_key_that_cannot_seal_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    session = sealed_session(tmp_path / "s")
    zero = bytes(32)
    bad = type(recipient())(sha256(zero).hexdigest()[:32], zero.hex())
    write_policy(session.policy, Policy(number=1, recipient=bad))
    out = journal(session.journal, sealing_of(session))
    out.append(Kind.FRAME, 1, b"said")
    with pytest.raises(OSError, match="cannot be sealed for this public key"):
        out.flush()
    assert list(session.journal.iterdir()) == []


@pytest.mark.parametrize("policy", [None, b"{", b'{"number": 2, "recipient": {"id": "00", "public_key": "00"}}'])
def test_a_policy_that_cannot_be_read_is_not_taken_for_off_where_calls_were_sealed(
    tmp_path: Path, policy: bytes | None
) -> None:
    session, how = sealing(tmp_path)
    how.begin("a")
    session.policy.unlink()
    if policy:
        session.policy.write_bytes(policy)
    with pytest.raises(OSError, match="cannot be read"):
        Sealing(session, PolicyReader(session.policy)).begin("b")


def test_where_nothing_was_ever_sealed_a_missing_policy_means_clear(tmp_path: Path) -> None:
    session = sealed_session(tmp_path / "s")
    session.policy.unlink()
    assert Sealing(session, PolicyReader(session.policy)).begin("a") is None


def test_the_policy_carries_the_recipient(tmp_path: Path) -> None:
    policy = Policy(number=3, recipient=recipient())
    write_policy(tmp_path / "policy.json", policy)
    assert parse_policy((tmp_path / "policy.json").read_bytes()) == policy
    assert asdict(policy)["recipient"] == {"id": recipient().id, "public_key": recipient().public_key}


@pytest.mark.parametrize(
    "found",
    ['{"recipient": {"id": "00", "public_key": "00"}}', '{"recipient": 5}', '{"recipient": {"id": "zz"}}'],
)
def test_a_recipient_that_is_none_makes_the_policy_refused(found: str) -> None:
    with pytest.raises(SpoolError):
        parse_policy(found.encode())


def test_keys_are_for_this_user_alone(tmp_path: Path, key_folder: KeyFolder) -> None:
    _, how = sealing(tmp_path)
    how.begin("a")
    [path] = key_folder.path.iterdir()
    assert (key_folder.path.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("36 35 0:31 / /run rw,nosuid shared:5 - tmpfs tmpfs rw", "tmpfs"),
        ("36 35 0:31 / /run rw - ramfs x rw", "ramfs"),
        ("36 35 0:30 / /run rw - tmpfs tmpfs rw", ""),
        ("garbage", ""),
        ("36 35 0:31 / /run rw - ", ""),
    ],
)
def test_the_file_system_of_a_device_is_found_in_mountinfo(line: str, found: str) -> None:
    assert filesystem_of(os.makedev(0, 31), f"1 1 8:1 / / rw - ext4 /dev/sda1 rw\n{line}\n") == found
