"""A failure in the reader's language, and in English where that cannot be."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.failure import TEXTS, keep, tell
from cluster.findings import fill, finding

ACT = "cluster-act"
DUTCH = {
    "It was not done. {reasons}": "Het is niet gedaan. {reasons}",
    "Maintenance mode is on already.": "De onderhoudsstand staat al aan.",
    "Something else is being done to the cluster: {what}. Wait until it has ended.": "Er gebeurt al iets: {what}.",
    "Add a witness": "Een getuige toevoegen",
    "{program} ended with exit code {exit}: {said}": "{program} eindigde met code {exit}: {said}",
}


def dutch(text: str) -> str:
    return DUTCH.get(text, text)


def english(kind: str, code: str, parameters: Mapping[str, Any]) -> str:
    return fill(TEXTS[kind][0][code], parameters)


def test_a_failure_is_told_in_the_readers_language() -> None:
    reason = finding("command-failed", program="crm_attribute", exit=1, said="no such node")
    said = english(ACT, reason.code, reason.parameters)
    assert tell(ACT, said, keep(reason), dutch) == "crm_attribute eindigde met code 1: no such node"


def test_what_spoke_against_it_is_in_that_language_too_with_the_titles_in_it() -> None:
    because = [finding("already-on"), finding("under-way", what="Add a witness")]
    reason = finding("refused", reasons=" ".join(fill(TEXTS[ACT][1][one.code], one.parameters) for one in because))
    said = english(ACT, reason.code, reason.parameters)
    expected = "Het is niet gedaan. De onderhoudsstand staat al aan. Er gebeurt al iets: Een getuige toevoegen."
    assert tell(ACT, said, keep(reason, because), dutch) == expected


@pytest.mark.parametrize(
    "kept",
    [
        None,
        "text",
        {},
        {"code": "of-another-release", "parameters": {}, "because": []},
        {"code": "command-failed", "parameters": {"program": "crm_attribute"}, "because": []},
        {"code": "command-failed", "parameters": None, "because": []},
        keep(finding("command-failed", program="another", exit=2, said="an earlier failure")),
        {"code": "refused", "parameters": {"reasons": "x"}, "because": [{"code": "nothing-known", "parameters": {}}]},
    ],
)
def test_what_cannot_be_told_stays_english(kept: object) -> None:
    assert (
        tell(ACT, "Its worker stopped in the middle of it.", kept, dutch) == "Its worker stopped in the middle of it."
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda more: st.lists(more) | st.dictionaries(st.text(), more),
)


@given(
    st.sampled_from([*TEXTS, "another"]),
    st.text(),
    JSON | st.fixed_dictionaries({"code": st.just("refused"), "parameters": JSON, "because": JSON}),
)
def test_whatever_was_kept_a_sentence_is_told(kind: str, said: str, kept: object) -> None:
    assert tell(kind, said, kept, str) == said
