"""Key pairs: each way to open one opens it, and nothing else does."""

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from apresa.shared.sealing.errors import NotOpened, SealingError
from apresa.shared.sealing.keyring import (
    Keyring,
    Pair,
    add_passphrase,
    add_recovery_key,
    add_shares,
    new_pair,
    open_by_passphrase,
    open_by_recovery_key,
    open_by_shares,
    print_recovery_key,
    remove,
)
from apresa.shared.sealing.keytable import dump, load
from apresa.shared.sealing.wraps import Cost, Kind

CHEAP = Cost(passes=1, lanes=1, memory=64)
PASSPHRASE = "correct horse battery"
PAIR = new_pair(PASSPHRASE, "house", CHEAP)
PRIVATE = open_by_passphrase(PAIR, PASSPHRASE)


def same(private: X25519PrivateKey) -> bool:
    return private.private_bytes_raw() == PRIVATE.private_bytes_raw()


def test_a_wrong_passphrase_opens_nothing() -> None:
    with pytest.raises(NotOpened, match=r"^The passphrase is wrong\.$"):
        open_by_passphrase(PAIR, PASSPHRASE + ".")


def test_a_passphrase_opens_however_its_letters_were_composed() -> None:
    pair = new_pair("pfiffige Übung", "house", CHEAP)
    assert open_by_passphrase(pair, "pfiffige U\u0308bung").public_key().public_bytes_raw() == pair.public


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(ValueError, match="12 letters"):
        new_pair("eleven lett", "house", CHEAP)


def test_the_default_cost_is_the_second_choice_of_rfc_9106() -> None:
    cost = new_pair(PASSPHRASE, "house").wraps[0].cost
    assert (cost.passes, cost.lanes, cost.memory) == (3, 4, 65536)


def test_each_of_several_passphrases_opens_the_same_key() -> None:
    pair = add_passphrase(PAIR, PRIVATE, "another passphrase", "deputy", CHEAP)
    assert same(open_by_passphrase(pair, "another passphrase"))
    assert same(open_by_passphrase(pair, PASSPHRASE))


def test_a_changed_passphrase_opens_and_the_old_one_does_not() -> None:
    pair = add_passphrase(PAIR, PRIVATE, "another passphrase", "house", replace(CHEAP, passes=2))
    assert same(open_by_passphrase(pair, "another passphrase"))
    assert [one.cost.passes for one in pair.wraps] == [2]
    assert pair.public == PAIR.public
    with pytest.raises(NotOpened):
        open_by_passphrase(pair, PASSPHRASE)


def test_a_recovery_key_that_was_typed_back_opens() -> None:
    secret, printed = print_recovery_key()
    pair = add_recovery_key(PAIR, PRIVATE, secret, printed.lower().replace("-", " "))
    assert same(open_by_recovery_key(pair, printed))
    with pytest.raises(NotOpened, match="not the one of this system"):
        open_by_recovery_key(pair, print_recovery_key()[1])


def test_a_recovery_key_counts_only_when_typed_back() -> None:
    with pytest.raises(NotOpened, match="another recovery key"):
        add_recovery_key(PAIR, PRIVATE, print_recovery_key()[0], print_recovery_key()[1])


def test_enough_shares_open_and_too_few_do_not() -> None:
    pair, printed = add_shares(PAIR, PRIVATE, 2, 3)
    assert same(open_by_shares(pair, [printed[2], printed[0]]))
    with pytest.raises(NotOpened, match=r"^2 different shares are needed; 1 were given\.$"):
        open_by_shares(pair, [printed[1], printed[1]])


def test_new_shares_replace_the_earlier_ones() -> None:
    pair, old = add_shares(PAIR, PRIVATE, 2, 2)
    pair, _ = add_shares(pair, PRIVATE, 2, 2)
    with pytest.raises(NotOpened, match="do not restore"):
        open_by_shares(pair, old)


def test_a_way_that_a_key_does_not_have_is_named() -> None:
    with pytest.raises(NotOpened, match="no such way"):
        open_by_recovery_key(PAIR, print_recovery_key()[1])


def test_the_last_way_to_open_a_key_stays() -> None:
    with pytest.raises(ValueError, match="all sealed calls would be lost"):
        remove(PAIR, Kind.PASSPHRASE, "house")
    with pytest.raises(ValueError, match="no such way"):
        remove(PAIR, Kind.PASSPHRASE, "nobody's")


def test_a_removed_passphrase_opens_no_more() -> None:
    pair = remove(add_passphrase(PAIR, PRIVATE, "another passphrase", "deputy", CHEAP), Kind.PASSPHRASE, "house")
    assert same(open_by_passphrase(pair, "another passphrase"))
    with pytest.raises(NotOpened):
        open_by_passphrase(pair, PASSPHRASE)


def test_a_wrap_is_made_for_its_own_pair_only() -> None:
    with pytest.raises(ValueError, match="not this pair's"):
        add_passphrase(PAIR, X25519PrivateKey.generate(), PASSPHRASE, "house", CHEAP)


def test_a_key_table_gives_back_the_key_ring() -> None:
    pair, _ = add_shares(PAIR, PRIVATE, 2, 3)
    secret, printed = print_recovery_key()
    keyring = Keyring(
        (new_pair("an older passphrase", "house", CHEAP), add_recovery_key(pair, PRIVATE, secret, printed))
    )
    assert load(dump(keyring)) == keyring
    assert load(dump(keyring)).newest.public == PAIR.public


def test_a_key_table_holds_neither_private_key_nor_passphrase() -> None:
    text = dump(Keyring((PAIR,)))
    assert PRIVATE.private_bytes_raw().hex() not in text
    assert PASSPHRASE not in text


def changed(value: object, *path: str | int) -> Pair:
    table = json.loads(dump(Keyring((PAIR,))))
    place = table["pairs"][0]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return load(json.dumps(table)).newest


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([2, 1, 64], ("wraps", 0, "cost")),
        ("00" * 16, ("wraps", 0, "salt")),
        ("00" * 12, ("wraps", 0, "nonce")),
        ("", ("wraps", 0, "nonce")),
        ("", ("wraps", 0, "salt")),
        (X25519PrivateKey.from_private_bytes(bytes(range(32))).public_key().public_bytes_raw().hex(), ("public",)),
    ],
)
def test_a_changed_key_table_opens_nothing(value: object, path: tuple[str | int, ...]) -> None:
    with pytest.raises(NotOpened):
        open_by_passphrase(changed(value, *path), PASSPHRASE)


def test_a_cost_that_no_machine_should_pay_is_not_paid() -> None:
    with pytest.raises(NotOpened, match="cost"):
        open_by_passphrase(changed([3, 4, 1 << 40], "wraps", 0, "cost"), PASSPHRASE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(st.text(st.characters(exclude_categories=()), max_size=20))
def test_any_typed_text_opens_or_is_refused(typed: str) -> None:
    with pytest.raises(NotOpened):
        open_by_passphrase(PAIR, typed + PASSPHRASE + ".")


@given(JSON, st.sampled_from(["table", "format", "pairs", "pair", "public", "wraps", "wrap", "cost", "kind", "sealed"]))
def test_any_key_table_is_read_or_refused(value: object, field: str) -> None:
    table = json.loads(dump(Keyring((PAIR,))))
    pair = table["pairs"][0]
    holders = {"format": table, "pairs": table, "public": pair, "wraps": pair}
    if field == "table":
        table = value
    elif field == "pair":
        table["pairs"] = [value]
    elif field == "wrap":
        pair["wraps"] = [value]
    else:
        holders.get(field, pair["wraps"][0])[field] = value
    try:
        load(json.dumps(table))
    except SealingError:
        return
    assert isinstance(load(json.dumps(table)), Keyring)
