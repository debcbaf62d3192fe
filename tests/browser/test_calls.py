"""The list of calls as a person uses it."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.site import Site

pytestmark = pytest.mark.browser


def test_wrong_password_is_told_in_a_sentence_and_the_name_is_kept(context: BrowserContext, shown: Site) -> None:
    page = context.new_page()
    page.goto(f"{shown.address}/sign-in/")
    page.get_by_label("User name").fill("carl")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("This name and password do not belong together.")
    expect(page.get_by_label("User name")).to_have_value("carl")


def test_number_typed_filters_the_list_and_stands_in_the_address(page: Page, faults: list[str]) -> None:
    page.get_by_label("Number or name", exact=True).fill("kontor")
    page.wait_for_url(re.compile(r"\?number=kontor$"))
    expect(page.get_by_role("link", name="Remove the filter Number: kontor")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Number or name", exact=True)).to_have_value("kontor")
    page.get_by_role("link", name="Clear all").click()
    expect(page).to_have_url(re.compile(r"/calls/$"))
    assert faults == []


def test_search_of_the_top_bar_leads_to_the_list_from_any_page(page: Page, shown: Site) -> None:
    page.goto(f"{shown.address}/account/")
    page.keyboard.press("/")
    page.keyboard.type("2117")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/calls/\?number=2117$"))


def test_next_page_shows_the_rest_and_previous_returns(page: Page) -> None:
    first = page.locator(".row-link").first.get_attribute("href")
    expect(page.locator(".call-row")).to_have_count(50)
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".call-row")).to_have_count(8)
    page.get_by_role("link", name="Previous").click()
    expect(page.locator(".row-link").first).to_have_attribute("href", first or "")


def test_list_is_walked_and_a_call_opened_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    second = page.locator(".row-link").nth(1)
    expect(second).to_be_focused()
    target = second.get_attribute("href")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{target}$"))


def test_help_opens_by_question_mark_and_closes_by_escape(page: Page) -> None:
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()


def test_shortcut_leads_to_the_active_calls(page: Page) -> None:
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page.get_by_role("heading", name="Active calls", level=1)).to_be_visible()


def test_sorting_by_length_puts_the_longest_first(page: Page) -> None:
    page.get_by_role("link", name="Length").click()
    expect(page).to_have_url(re.compile(r"sort=-duration_ms"))
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Length")


def test_listener_sees_the_calls_of_the_own_number_only(context: BrowserContext, shown: Site) -> None:
    page = sign_in(context.new_page(), shown, "bob")
    rows = page.locator(".call-row")
    expect(rows.first).to_be_visible()
    for row in rows.all_inner_texts():
        assert "2102" in row
    answer = page.goto(f"{shown.address}{shown.paths['call-gap']}")
    assert answer is not None
    assert answer.status == 404


def test_sign_out_ends_the_session(context: BrowserContext, shown: Site) -> None:
    page = sign_in(context.new_page(), shown, "anna")
    page.get_by_role("button", name="anna").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{shown.address}/calls/")
    expect(page).to_have_url(re.compile(r"/sign-in/\?next=/calls/$"))


def test_theme_chosen_in_the_menu_stays(page: Page) -> None:
    page.get_by_role("button", name="anna").click()
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name="anna").click()
    page.get_by_role("button", name="Theme as the device").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_sidebar_folds_and_stays_folded(page: Page) -> None:
    page.get_by_role("button", name="Fold the sidebar").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-sidebar", "folded")
