"""By which names browsers may ask for this machine."""

from typing import Any

import pytest
from django.test import Client


@pytest.mark.parametrize(
    "name", ["localhost", "localhost:8000", "192.0.2.7", "192.0.2.7:8000", "[2001:db8::1]:8000", "[::1]"]
)
def test_own_names_and_any_address_are_answered(client: Client, name: str) -> None:
    assert client.get("/healthz", HTTP_HOST=name).status_code == 200


@pytest.mark.parametrize(
    "name", ["evil.example", "localhost.evil.example", "192.0.2.7.evil.example", "<b>", "a b", "é"]
)
def test_foreign_name_is_refused_with_one_sentence(client: Client, name: str) -> None:
    answer = client.get("/healthz", HTTP_HOST=name)
    assert (answer.status_code, answer.content.startswith(b"This machine is not known as ")) == (400, True)


def test_sentence_shows_no_markup(client: Client) -> None:
    assert b"<script>" not in client.get("/healthz", HTTP_HOST="<script>").content


@pytest.mark.parametrize(
    ("pattern", "name"), [(".example.org", "rec.example.org"), ("rec.example.org", "REC.example.org"), ("*", "x")]
)
def test_names_of_the_settings_are_answered(client: Client, settings: Any, pattern: str, name: str) -> None:
    settings.HOST_NAMES = [pattern]
    assert client.get("/healthz", HTTP_HOST=name).status_code == 200
