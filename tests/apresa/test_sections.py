"""Sections that rooms bring to the system page."""

import pytest

from apresa import sections
from apresa.sections import Section


def test_a_section_is_shown_with_what_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "_sections", {})
    section = sections.register(Section("weather", "Weather", "weather.html", lambda: "dry"))
    assert sections.shown() == [(section, "dry")]
