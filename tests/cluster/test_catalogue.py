"""The texts, and their table in the documentation."""

import re
from pathlib import Path

from cluster.catalogue import KINDS, data, nodes, resources, services, whole
from cluster.catalogue.phrases import PHRASES
from cluster.findings import fill
from cluster.status import WORDS

TABLE = Path(__file__).parents[2] / "docs" / "cluster.md"


def test_the_documentation_has_exactly_the_codes_with_level_effect_and_sentence() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \| (\w+) \| (.*) \|$", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
    expected = [
        (code, WORDS[kind.level], kind.takeover.name.lower(), re.sub(r"\{(\w+)\}", r"*\1*", kind.sentence))
        for code, kind in KINDS.items()
    ]
    assert sorted(rows) == sorted(expected)


def test_every_text_is_a_sentence() -> None:
    texts = [text for kind in KINDS.values() for text in (kind.sentence, kind.step)] + [*PHRASES.values()]
    assert [text for text in texts if not text.endswith(".")] == []


def test_no_code_has_two_rooms() -> None:
    parts = [whole.WHO, nodes.NODES, data.DATA, resources.RESOURCES, services.SERVICES]
    assert sum(map(len, parts)) == len(KINDS)


def test_a_parameter_from_elsewhere_cannot_play_with_the_terminal() -> None:
    assert fill("{detail}!", {"detail": "\x1b[2J{node}\n" + "a" * 1000}) == " [2J{node} " + "a" * 389 + "!"
