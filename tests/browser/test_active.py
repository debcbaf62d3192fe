"""The page of active calls: it follows what happens by itself."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.live import capture_running, running_call
from tests.browser.site import Site

pytestmark = pytest.mark.browser


def test_call_appears_and_goes_without_a_reload(page: Page, shown: Site, faults: list[str]) -> None:
    session = shown.data / "spool" / "live"
    with capture_running(session, []):
        page.goto(f"{shown.address}/active-calls/")
        expect(page.get_by_role("heading", name="No call is going on")).to_be_visible()
    with capture_running(session, [running_call("2101", "2102", ago=5, answered=3)]):
        expect(page.get_by_role("row", name=re.compile("2101.*2102.*Talking"))).to_be_visible()
    expect(page.get_by_text("Capture is not running on this machine.")).to_be_visible()
    assert faults == []


def test_call_is_silenced_and_recorded_again_by_keyboard(page: Page, shown: Site, faults: list[str]) -> None:
    calls = [running_call("2101", "2102", ago=5, answered=3), running_call("2117", "2103", ago=5, answered=3)]
    with capture_running(shown.data / "spool" / "live", calls):
        page.goto(f"{shown.address}/active-calls/")
        row = page.get_by_role("row", name=re.compile("2101"))
        row.get_by_role("button", name="Silence 2101 – 2102").focus()
        page.keyboard.press("Enter")
        expect(row.get_by_text("Silenced", exact=True)).to_be_visible()
        again = row.get_by_role("button", name="Record again 2101 – 2102")
        expect(again).to_be_focused()
        page.keyboard.press("Enter")
        expect(row.get_by_text("Talking")).to_be_visible()
        expect(page.get_by_role("row", name=re.compile("2117")).get_by_text("Talking")).to_be_visible()
    assert faults == []


def test_session_that_ended_elsewhere_leads_to_the_sign_in_page(
    context: BrowserContext, page: Page, shown: Site
) -> None:
    page.goto(f"{shown.address}/active-calls/")
    context.clear_cookies(name="apresa_session")
    expect(page).to_have_url(re.compile(r"/sign-in/\?next=/active-calls/$"))


def test_page_says_that_apresa_does_not_answer_until_it_does(context: BrowserContext, page: Page, shown: Site) -> None:
    page.goto(f"{shown.address}/active-calls/")
    notice = page.get_by_text("Apresa does not answer.")
    context.set_offline(True)
    expect(notice).to_be_visible()
    context.set_offline(False)
    expect(notice).not_to_be_visible()
