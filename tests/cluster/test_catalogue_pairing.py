"""The sentences of a pairing are found again, whoever said them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.catalogue.pairing import SENTENCES, retold
from cluster.pairing import offer
from cluster.pairing.code import CodeError, parse
from cluster.pairing.offer import Asked, Offer, judge

OPEN = Offer(b"secret", 1000.0)


def louder(template: str) -> str:
    return f"«{template}»"


@pytest.mark.parametrize("template", SENTENCES)
def test_each_sentence_is_found_again(template: str) -> None:
    said = template.format(seconds=4, much="300 seconds", theirs="'2'", ours="'1'", name="a", address="b", reason="c")
    assert retold(said, louder) == f"«{said}»"


def test_everything_that_a_code_is_refused_with_is_known() -> None:
    said = [
        judge(None, Asked(1.0, "r", right=True))[1].reason,
        judge(OPEN, Asked(2000.0, "r", right=True))[1].reason,
        judge(OPEN, Asked(1.0, "r", right=False))[1].reason,
        judge(Offer(b"secret", 1000.0, 4), Asked(1.0, "r", right=False))[1].reason,
        judge(Offer(b"secret", 1000.0, 1, 3.0), Asked(1.0, "r", right=True))[1].reason,
        judge(Offer(b"secret", 1000.0, 0, 0.0, "another"), Asked(1.0, "r", right=True))[1].reason,
        offer.clocks_fault(0.0, 500.0),
        offer.release_fault("2", "1"),
    ]
    for typed in ("", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"):
        with pytest.raises(CodeError) as caught:
            parse(typed)
        said.append(str(caught.value))
    assert [retold(one, louder) for one in said] == [f"«{one}»" for one in said]


@given(st.text(max_size=200))
def test_what_nobody_knows_stays_as_it_is(text: str) -> None:
    assert retold(f"~{text}", lambda _template: "translated") == f"~{text}"
