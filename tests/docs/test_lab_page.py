"""docs/lab.md lists the drills that there are."""

import re
from pathlib import Path

from tests.lab.cluster.drills import NAMES

PAGE = Path(__file__).parents[2] / "docs" / "lab.md"


def test_the_table_has_exactly_the_drills_in_their_order() -> None:
    _, table = PAGE.read_text(encoding="utf-8").split("| drill |")
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(NAMES)
