"""The settings page as an administrator uses it."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.site import Site
from tests.browser.test_looks import faults_of

pytestmark = pytest.mark.browser


@pytest.fixture
def settings(page: Page, shown: Site) -> Page:
    page.goto(f"{shown.address}/settings/")
    return page


@contextmanager
def secondary(shown: Site) -> Iterator[None]:
    """The site's machine stands by for another one."""
    with closing(sqlite3.connect(shown.data / "node.sqlite3", timeout=20, isolation_level=None)) as known:
        known.execute("UPDATE node_nodeidentity SET role = 'secondary', primary_address = '192.0.2.1'")
        try:
            yield
        finally:
            known.execute("UPDATE node_nodeidentity SET role = 'standalone', primary_address = ''")


def test_setting_is_changed_and_given_its_default_again_by_keyboard(settings: Page, faults: list[str]) -> None:
    field = settings.get_by_label("Silence that ends a call", exact=True)
    field.focus()
    settings.keyboard.press("Control+A")
    settings.keyboard.type("75")
    settings.keyboard.press("Enter")
    expect(settings.get_by_text("Silence that ends a call is now 75.")).to_be_visible()
    expect(field).to_have_value("75")
    expect(settings.get_by_text("Set by anna, ")).to_be_visible()
    settings.get_by_role("button", name="Back to the default: Silence that ends a call").press("Enter")
    expect(settings.get_by_text("Silence that ends a call has its default again: 60.")).to_be_visible()
    expect(field).to_have_value("60")
    assert faults == []


def test_wrong_value_keeps_what_was_typed_and_has_the_focus(settings: Page) -> None:
    settings.get_by_label("Network interfaces").fill("eth7")
    settings.get_by_label("Room for calls not yet settled").fill("plenty")
    settings.get_by_role("button", name="Save: Capture").click()
    wrong = settings.get_by_label("Room for calls not yet settled")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_accessible_description(re.compile(r"Give a whole number from 100 to 100000000\."))
    expect(settings.get_by_label("Network interfaces")).to_have_value("eth7")
    assert faults_of(settings) == []


def test_search_hides_the_rest_stands_in_the_address_and_keeps_what_was_typed(settings: Page) -> None:
    settings.get_by_label("Room for calls not yet settled").fill("30000")
    settings.get_by_label("Find a setting").fill("FORMAT recordings")
    expect(settings.locator("[data-setting]:visible")).to_have_count(1)
    expect(settings.get_by_label("Format of recordings")).to_be_visible()
    expect(settings).to_have_url(re.compile(r"/settings/\?q=FORMAT\+recordings$"))
    settings.get_by_label("Find a setting").fill("nothing of the kind")
    expect(settings.get_by_text("No setting has these words.")).to_be_visible()
    settings.get_by_label("Find a setting").fill("")
    expect(settings.get_by_label("Room for calls not yet settled")).to_have_value("30000")


def test_browser_asks_before_what_was_typed_is_gone(settings: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    settings.on("dialog", stay)
    settings.get_by_label("Room for calls not yet settled").fill("30000")
    settings.get_by_role("link", name="Calls", exact=True).click()
    expect(settings.get_by_label("Room for calls not yet settled")).to_have_value("30000")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_secondary_shows_grayed_fields_without_a_fault(page: Page, shown: Site, width: int, theme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    with secondary(shown):
        page.goto(f"{shown.address}/settings/")
        expect(page.get_by_label("Format of recordings")).to_be_disabled()
        expect(page.get_by_label("Network interfaces")).to_be_enabled()
        way = page.locator("[id='recording.format']").get_by_role("link", name="Go to 192.0.2.1")
        expect(way).to_have_attribute("href", "https://192.0.2.1/settings/#recording.format")
        expect(page.get_by_role("button", name="Save: Recordings")).to_have_count(0)
        assert faults_of(page) == []
