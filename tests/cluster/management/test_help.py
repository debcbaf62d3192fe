"""Each command of the cluster says by --help how it is used and what its exit codes mean, as docs/cluster.md does."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from django.core.management import load_command_class

from cluster.management.helped import HelpedCommand

PROJECT = Path(__file__).parents[3]
NAMES = sorted(path.stem for path in (PROJECT / "cluster/management/commands").glob("[!_]*.py"))


def command(name: str) -> Any:
    return load_command_class("cluster", name)


@pytest.mark.parametrize("name", NAMES)
def test_the_help_ends_with_examples_and_exit_codes(name: str) -> None:
    one = command(name)
    assert isinstance(one, HelpedCommand)
    text = one.create_parser("manage.py", name).format_help()
    lines = text[text.index("Examples:") :].splitlines()
    end = lines.index("Exit codes:")
    assert lines[1:end] == [f"  manage.py {name} {words}".rstrip() for words in one.examples]
    assert lines[1:end] != []
    assert lines[end + 1 :] == [f"  {code}  {meaning}" for code, meaning in one.exit_codes.items()]


@pytest.mark.parametrize(("name", "words"), [(name, words) for name in NAMES for words in command(name).examples])
def test_every_example_is_understood(name: str, words: str) -> None:
    given = [word for word in shlex.split(words) if not word.startswith((">", "<"))]
    assert command(name).create_parser("manage.py", name).parse_args(given)


def test_the_page_has_each_commands_exit_codes() -> None:
    page = (PROJECT / "docs/cluster.md").read_text(encoding="utf-8").partition("## Exit codes of the commands")[2]
    rows = re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \|$", page.partition("\n## ")[0], re.MULTILINE)
    said = {
        name: "; ".join(f"{code} {meaning}" for code, meaning in command(name).exit_codes.items()) for name in NAMES
    }
    assert dict(rows) == said
