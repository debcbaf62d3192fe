"""The second language."""

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

FOLDER = Path(settings.LOCALE_PATHS[0]) / "nl" / "LC_MESSAGES"
PLACES = re.compile(r"%\(\w+\)[.\d]*[a-z]|\{\w+\}")


def catalogue() -> dict[str, str]:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # no public way to list
    return {key if isinstance(key, str) else key[0]: text for key, text in compiled.items() if key}


def test_no_sentence_is_left_open_or_guessed() -> None:
    text = (FOLDER / "django.po").read_text(encoding="utf-8")
    assert re.findall(r'^msgstr(?:\[\d\])? ""\n\n', text, re.MULTILINE) == []
    assert "fuzzy" not in text


def test_compiled_catalogue_has_every_sentence_of_the_source() -> None:
    source = (FOLDER / "django.po").read_text(encoding="utf-8")
    singular = len(re.findall(r"^msgid ", source, re.MULTILINE)) - 1
    plural = len(re.findall(r"^msgid_plural ", source, re.MULTILINE))
    with (FOLDER / "django.mo").open("rb") as file:
        entries = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # no public way to list
    assert len([key for key in entries if key]) == singular + plural


def test_every_translation_fills_the_same_places() -> None:
    wrong = [
        key for key, text in catalogue().items() if not set(PLACES.findall(text)) <= set(PLACES.findall(key)) | PLURAL
    ]
    assert wrong == []


PLURAL = {"%(number)d"}  # "once" in the singular, a number in the plural


@pytest.mark.django_db(databases=["default", "node"])
@pytest.mark.parametrize(
    ("accepts", "word"), [("nl-BE,nl;q=0.9,en;q=0.5", "Aanmelden"), ("fr,en", "Sign in"), ("de", "Sign in")]
)
def test_page_speaks_the_browsers_language_or_english(client: Client, accepts: str, word: str) -> None:
    response = client.get("/sign-in/", headers={"accept-language": accepts})
    assert word in response.content.decode()
