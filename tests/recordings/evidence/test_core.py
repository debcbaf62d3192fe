"""Chains, trees and keys."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.evidence import chain, keys, merkle
from recordings.evidence.chain import AUDIT, STORED, ProofError
from tests.samples.evidence import chain_of

LINKS = chain_of([(STORED, "one"), (AUDIT, "two"), (STORED, "three"), (AUDIT, "four")])


def test_a_link_is_read_as_it_was_written() -> None:
    assert [chain.read(link.text) for link in LINKS] == LINKS
    assert chain.check(LINKS) == LINKS[-1].digest
    assert chain.check(LINKS[1:3]) == LINKS[2].digest


@pytest.mark.parametrize("links", [[], [LINKS[0], LINKS[2]], [LINKS[1], LINKS[0]], [LINKS[0], LINKS[0]]])
def test_a_chain_with_a_hole_or_in_another_order_is_refused(links: list[chain.Link]) -> None:
    with pytest.raises(ProofError):
        chain.check(links)


@given(st.text(max_size=300) | st.lists(st.text(max_size=70), min_size=8, max_size=8).map("\n".join))
def test_a_link_of_any_text_has_one_error(text: str) -> None:
    try:
        link = chain.read(text)
    except ProofError:
        return
    assert link.text == text


def test_the_tree_is_that_of_the_rfc() -> None:
    """RFC 6962: the hash of nothing, and of a tree of three spelled out."""
    one, two, three = (f"{number:02x}" * 32 for number in (1, 2, 3))
    inner = merkle._inner(merkle._leaf(bytes.fromhex(one)), merkle._leaf(bytes.fromhex(two)))
    assert merkle.root([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.root([one, two, three]) == merkle._inner(inner, merkle._leaf(bytes.fromhex(three))).hex()


@given(st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), min_size=1, max_size=40), st.data())
def test_each_leaf_climbs_to_the_root_and_no_other_does(leaves: list[str], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    steps = merkle.path(leaves, index)
    assert merkle.climb(leaves[index], steps) == merkle.root(leaves)
    assert merkle.climb("ff" * 31 + "fe", steps) != merkle.root(leaves) or leaves[index] == "ff" * 31 + "fe"


def test_a_node_keeps_its_key_to_itself(tmp_path: Path) -> None:
    made = keys.node_key(tmp_path)
    path = tmp_path / keys.NAME
    assert (path.stat().st_mode & 0o777, keys.node_key(tmp_path).public) == (0o600, made.public)
    assert path.read_bytes().hex() not in repr(made)
    assert keys.is_signed(made.public, made.sign("text"), "text")
    assert not keys.is_signed(made.public, made.sign("text"), "other")


@pytest.mark.parametrize("data", [b"", b"short", b"x" * 33])
def test_a_damaged_key_file_is_not_replaced(tmp_path: Path, data: bytes) -> None:
    (tmp_path / keys.NAME).write_bytes(data)
    with pytest.raises(ProofError):
        keys.node_key(tmp_path)
    assert (tmp_path / keys.NAME).read_bytes() == data


@given(st.text(), st.text(), st.text(alphabet=st.characters(codec="utf-8")))
def test_any_strings_are_no_signature(public: str, signature: str, text: str) -> None:
    assert keys.is_signed(public, signature, text) is False
