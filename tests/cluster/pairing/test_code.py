"""The one-time code that a person copies."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.pairing import code
from cluster.pairing.code import Code, CodeError

SOME = Code(bytes(range(12)), bytes(range(6)))


def test_code_is_eight_groups_that_read_back() -> None:
    text = str(SOME)
    assert ([len(group) for group in text.split("-")], code.parse(text)) == ([4] * 8, SOME)


def test_code_is_read_however_it_is_typed() -> None:
    text = str(SOME).lower().replace("o", "0").replace("i", "1").replace("b", "8").replace("-", "  ")
    assert code.parse(f" {text}\n") == SOME


def test_code_fits_its_own_certificate_and_no_other() -> None:
    made = code.make(b"certificate")
    assert (made.fits(b"certificate"), made.fits(b"certificatf")) == (True, False)


def test_codes_of_one_certificate_differ_in_their_secret() -> None:
    first, second = code.make(b"c"), code.make(b"c")
    assert (first.fingerprint == second.fingerprint, first.secret == second.secret) == (True, False)


def test_secret_of_a_code_stays_out_of_logs() -> None:
    assert "secret" not in repr(SOME)


@pytest.mark.parametrize("text", ["", "AAAA", str(SOME)[:-1], f"{SOME}-AAAA", "é" * 32, "=" * 32])
def test_part_of_a_code_is_no_code(text: str) -> None:
    with pytest.raises(CodeError, match="eight groups of four"):
        code.parse(text)


@given(at=st.integers(0, 31), letter=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_typing_error_is_told_as_such(at: int, letter: str) -> None:
    right = str(SOME).replace("-", "")
    wrong = right[:at] + letter + right[at + 1 :]
    if wrong == right:
        return
    with pytest.raises(CodeError):
        code.parse(wrong)


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_one_error(text: str) -> None:
    with suppress(CodeError):
        code.parse(text)
