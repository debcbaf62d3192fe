"""Shares of a secret, and secrets on paper."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apresa.shared.sealing.errors import NotOpened
from apresa.shared.sealing.printed import print_secret, read_secret
from apresa.shared.sealing.shares import Share, combine, divide, multiply, parse_share, split


def test_multiplication_is_that_of_fips_197() -> None:
    assert multiply(0x57, 0x83) == 0xC1  # FIPS 197, section 4.2
    assert multiply(0x57, 0x13) == 0xFE  # section 4.2.1
    assert [multiply(divide(one, 0x53), 0x53) for one in range(256)] == list(range(256))


@given(st.binary(min_size=1, max_size=40), st.integers(2, 5), st.integers(0, 3))
def test_any_choice_of_enough_shares_restores_the_secret(secret: bytes, needed: int, more: int) -> None:
    shares = split(secret, needed, needed + more)
    for chosen in itertools.combinations(shares, needed):
        assert combine(list(reversed(chosen))) == secret


def test_one_share_of_two_fits_each_secret_equally() -> None:
    share = split(b"\x2a", 2, 2)[0]
    partners = [Share(2, 2, share.group, bytes([value])) for value in range(256)]
    assert sorted(combine([share, partner]) for partner in partners) == [bytes([value]) for value in range(256)]


def test_shares_of_two_splittings_do_not_mix() -> None:
    with pytest.raises(NotOpened, match="do not belong together"):
        combine([split(b"secret", 2, 2)[0], split(b"secret", 2, 2)[1]])


def test_two_different_shares_with_one_number_are_refused() -> None:
    share = split(b"\1", 2, 2)[0]
    with pytest.raises(NotOpened, match="same number"):
        combine([share, Share(2, 1, share.group, bytes([share.values[0] ^ 1]))])


def test_no_shares_are_refused() -> None:
    with pytest.raises(NotOpened):
        combine([])


@pytest.mark.parametrize(("needed", "holders"), [(1, 3), (4, 3), (2, 17)])
def test_impossible_splittings_are_refused(needed: int, holders: int) -> None:
    with pytest.raises(ValueError, match="cannot be asked for"):
        split(b"secret", needed, holders)


@given(st.binary(max_size=50))
def test_any_bytes_as_share_are_read_or_refused(data: bytes) -> None:
    try:
        share = parse_share(data)
    except NotOpened:
        return
    assert share.pack() == data


@given(st.binary(min_size=1, max_size=60))
def test_what_was_printed_is_read_back(secret: bytes) -> None:
    printed = print_secret("recovery", secret)
    assert read_secret("recovery", printed) == secret
    assert (
        read_secret("recovery", f" {printed.lower().replace('-', ' ').replace('1', 'l').replace('0', 'o')} ") == secret
    )


def test_each_wrong_letter_is_noticed() -> None:
    printed = print_secret("recovery", bytes(range(32)))
    for at, letter in enumerate(printed):
        if letter != "-":
            with pytest.raises(NotOpened, match="wrong or missing"):
                read_secret("recovery", printed[:at] + ("8" if letter != "8" else "9") + printed[at + 1 :])


def test_a_missing_letter_and_a_doubled_group_are_noticed() -> None:
    printed = print_secret("recovery", bytes(range(32)))
    for typed in (printed[:-1], printed[1:], printed[:4] + printed, ""):
        with pytest.raises(NotOpened, match="wrong or missing"):
            read_secret("recovery", typed)


def test_a_share_is_not_taken_for_a_recovery_key() -> None:
    with pytest.raises(NotOpened, match="wrong or missing"):
        read_secret("recovery", print_secret("share", b"secret"))


@given(st.text(max_size=60))
def test_any_typed_text_is_read_or_refused(typed: str) -> None:
    try:
        secret = read_secret("recovery", typed)
    except NotOpened:
        return
    assert read_secret("recovery", print_secret("recovery", secret)) == secret
