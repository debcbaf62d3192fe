"""verify.py: what an auditor runs without Apresa, with the standard library alone."""

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

import recordings.evidence
from tests.samples import evidence

PROGRAM = Path(recordings.evidence.__file__).parent / "reader" / "verify.py"
READER: dict[str, Any] = runpy.run_path(str(PROGRAM))
RFC_8032 = (  # section 7.1: public key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)


@pytest.fixture(scope="module")
def key() -> Any:
    return evidence.new_key()


@pytest.fixture(scope="module")
def package(key: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("package") / "call.zip"
    evidence.write(path, key, evidence.new_key())
    return path


def run(*arguments: str) -> tuple[int, str]:
    """In a Python without the site's packages: what an auditor has."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(PROGRAM), *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_the_signatures_of_the_rfc_are_good_and_one_bit_makes_them_bad(
    public: str, message: str, signature: str
) -> None:
    parts = [bytes.fromhex(item) for item in (public, signature, message)]
    assert READER["is_signed"](*parts) is True
    for place in (0, 33):
        bad = bytearray(parts[1])
        bad[place] ^= 1
        assert READER["is_signed"](parts[0], bytes(bad), parts[2]) is False
    assert READER["is_signed"](parts[0], parts[1], parts[2] + b"x") is False


def test_a_signature_with_the_order_added_is_refused() -> None:
    public, signature = bytes.fromhex(RFC_8032[0][0]), bytes.fromhex(RFC_8032[0][2])
    more = int.from_bytes(signature[32:], "little") + READER["L"]
    assert READER["is_signed"](public, signature[:32] + more.to_bytes(32, "little"), b"") is False


@given(st.binary(max_size=50))
def test_a_signature_of_the_library_is_good(message: bytes) -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    assert READER["is_signed"](public, private.sign(message), message) is True


def test_the_original_is_whole_and_the_keys_are_told(package: Path, key: Any) -> None:
    code, text = run(str(package))
    assert (code, text.splitlines()[0][:6]) == (0, "WHOLE.")
    assert text.count(READER["fingerprint"](key.public)) == 1


def test_each_of_fifty_tampered_packages_is_rejected(package: Path, key: Any, tmp_path: Path) -> None:
    cases = list(evidence.tampered(evidence.read(package), key))
    assert len(cases) >= 50
    accepted = []
    for name, data in cases:
        path = tmp_path / "tampered.zip"
        path.write_bytes(data)
        try:
            READER["verify"](str(path))
        except READER["Rejected"]:
            continue
        accepted.append(name)
    assert accepted == []


def test_a_package_packed_again_without_a_change_is_whole(package: Path, tmp_path: Path) -> None:
    path = tmp_path / "again.zip"
    path.write_bytes(evidence.packed(evidence.read(package)))
    assert run(str(path))[0] == 0


def test_a_package_of_a_stranger_who_made_all_of_it_is_told_by_the_key_alone(
    package: Path, key: Any, tmp_path: Path
) -> None:
    forged = tmp_path / "forged.zip"
    evidence.write(forged, evidence.new_key(), evidence.new_key())
    name = READER["fingerprint"](key.public)
    assert (run(str(forged))[0], run(str(forged), "--key", name)[0]) == (0, 1)


def test_bad_use_is_a_sentence(tmp_path: Path) -> None:
    assert run() == (2, "Say which package to check: python3 verify.py PACKAGE.zip [--key FINGERPRINT]\n")
    assert run(str(tmp_path / "none.zip")) == (2, "The file cannot be read: No such file or directory.\n")


@given(st.binary(max_size=400))
def test_whatever_the_bytes_there_is_one_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "x.zip"
    path.write_bytes(data)
    with pytest.raises(READER["Rejected"]):
        READER["verify"](str(path))
