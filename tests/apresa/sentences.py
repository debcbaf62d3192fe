"""The sentences that the source marks for translation, and those of a catalogue; read without any tool."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parents[2]
ROOMS = ("apresa", "cluster", "recordings", "worker")
SINGLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
MARKED = re.compile(r"""\b(?:gettext|_)\(\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.DOTALL)
MARKED_PLURAL = re.compile(
    r"""\bngettext\(u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'),\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.DOTALL
)
QUOTED = re.compile(r'^(?:(msgid|msgid_plural|msgstr)(?:\[\d\])? )?(".*")$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A sentence with its plural, and what stands for each in the other language."""

    source: tuple[str, ...]
    words: tuple[str, ...]
    guessed: bool = False
    percent: bool = False
    """Whether the tools take it for a template with `%`."""


def marked() -> set[tuple[str, ...]]:
    """Every sentence of the source, a plural with its singular."""
    found: set[tuple[str, ...]] = set()
    for room in ROOMS:
        for path in (PROJECT / room).rglob("*.py"):
            found.update(_in_python(path.read_text(encoding="utf-8")))
        for path in (PROJECT / room).rglob("*.html"):
            found.update(_in_template(path.read_text(encoding="utf-8"), path.name))
    return found


def _in_python(text: str) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            count = 1 if node.func.id in SINGLE else 2 if node.func.id in PLURAL else 0
            said = [part.value for part in node.args[:count] if isinstance(part, ast.Constant)]
            if count and len(said) == count and all(isinstance(part, str) for part in said):
                yield tuple(str(part) for part in said)


def _in_template(text: str, name: str) -> Iterator[tuple[str, ...]]:
    source = templatize(text, origin=name)
    for pattern in (MARKED, MARKED_PLURAL):
        for said in pattern.finditer(source):
            yield tuple(ast.literal_eval(part) for part in said.groups())


def entries(path: Path) -> list[Entry]:
    """What a .po file holds, without its header."""
    return [
        _entry(block)
        for block in path.read_text(encoding="utf-8").split("\n\n")
        if re.search('^msgid "', block, re.MULTILINE) and not re.search('^msgid ""\nmsgstr', block, re.MULTILINE)
    ]


def _entry(block: str) -> Entry:
    parts: list[tuple[str, str]] = []
    for keyword, quoted in QUOTED.findall(block):
        said = ast.literal_eval(quoted)
        if keyword:
            parts.append((keyword, said))
        else:
            parts[-1] = (parts[-1][0], parts[-1][1] + said)
    return Entry(
        tuple(said for keyword, said in parts if keyword != "msgstr"),
        tuple(said for keyword, said in parts if keyword == "msgstr"),
        bool(re.search("^#,.*fuzzy", block, re.MULTILINE)),
        bool(re.search("^#,.* python-format", block, re.MULTILINE)),
    )
