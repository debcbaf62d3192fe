"""The second language."""

import gettext
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from cluster import catalogue as cluster_words
from tests.apresa.sentences import entries, marked

FOLDER = Path(settings.LOCALE_PATHS[0]) / "nl" / "LC_MESSAGES"
PLACES = re.compile(r"%\(\w+\)[.\d]*[a-z]|%%|\{\w*\}")
RUN = "run script/translate, and translate what it names"


def compiled() -> dict[str | tuple[str, int], str]:
    with (FOLDER / "django.mo").open("rb") as file:
        found = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # no public way to list
    return {key: text for key, text in found.items() if key}


def words() -> set[str]:
    return {key if isinstance(key, str) else key[0] for key in compiled()}


def test_every_sentence_of_the_source_is_in_the_catalogue_and_no_other() -> None:
    source, known = marked(), {entry.source for entry in entries(FOLDER / "django.po")}
    assert (sorted(source - known), sorted(known - source)) == ([], []), RUN


def test_no_sentence_is_left_open_or_guessed() -> None:
    found = [
        entry.source[0]
        for entry in entries(FOLDER / "django.po")
        if entry.guessed or len(entry.words) != len(entry.source) or not all(entry.words)
    ]
    assert found == [], RUN


def test_compiled_catalogue_says_what_the_source_of_it_says() -> None:
    expected: dict[str | tuple[str, int], str] = {}
    for entry in entries(FOLDER / "django.po"):
        if len(entry.source) == 1:
            expected[entry.source[0]] = entry.words[0]
        else:
            expected.update({(entry.source[0], number): text for number, text in enumerate(entry.words)})
    assert compiled() == expected, RUN


def test_every_translation_fills_the_same_places() -> None:
    wrong = [
        (source, text)
        for entry in entries(FOLDER / "django.po")
        for source, text in zip(entry.source, entry.words, strict=True)
        if Counter(PLACES.findall(source)) != Counter(PLACES.findall(text))
    ]
    assert wrong == []


def test_no_per_cent_is_taken_for_a_place() -> None:
    """Else the compiler refuses a translation in which another letter follows it."""
    wrong = [
        entry.source[0]
        for entry in entries(FOLDER / "django.po")
        if entry.percent and not any("%(" in source or "%%" in source for source in entry.source)
    ]
    assert wrong == [], "write “# xgettext: no-python-format (a per cent, no place)” in the line above each"


def test_every_translation_begins_and_ends_as_its_sentence_does() -> None:
    """What is joined to it, a space or a next line, must not be lost."""
    wrong = [
        (source, text)
        for entry in entries(FOLDER / "django.po")
        for source, text in zip(entry.source, entry.words, strict=True)
        if (_edges(source), source.endswith("…")) != (_edges(text), text.endswith("…"))
    ]
    assert wrong == []


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def test_every_word_of_the_clusters_catalogue_is_translated() -> None:
    """Pages look these up by a variable: one that nobody has marked would stay English."""
    said: set[str] = set()
    for module in pkgutil.iter_modules(cluster_words.__path__):
        for name, table in vars(importlib.import_module(f"{cluster_words.__name__}.{module.name}")).items():
            if name.isupper():
                said.update(_texts(table))
    assert sorted(said - words()) == [], RUN


def _texts(found: object) -> Iterator[str]:
    """Every sentence in a table, at any depth; keys are codes."""
    if isinstance(found, str):
        if type(found) is str:  # not a level or a verdict
            yield found
    elif isinstance(found, Mapping):
        for value in found.values():
            yield from _texts(value)
    elif isinstance(found, tuple):
        for value in found:
            yield from _texts(value)
    elif is_dataclass(found):
        for field in fields(found):
            yield from _texts(getattr(found, field.name))


@pytest.mark.django_db(databases=["default", "node"])
@pytest.mark.parametrize(
    ("accepts", "word"), [("nl-BE,nl;q=0.9,en;q=0.5", "Aanmelden"), ("fr,en", "Sign in"), ("de", "Sign in")]
)
def test_page_speaks_the_browsers_language_or_english(client: Client, accepts: str, word: str) -> None:
    response = client.get("/sign-in/", headers={"accept-language": accepts})
    assert word in response.content.decode()
