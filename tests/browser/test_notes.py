"""Notes, tags and holds as a person uses them, by keyboard while the recording plays."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import until
from tests.browser.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def call(page: Page, shown: Site) -> Page:
    """A call that no other test writes on."""
    page.goto(f"{shown.address}{shown.paths['call-gap']}")
    return page


def test_note_is_written_changed_and_removed_by_keyboard_while_the_recording_plays_on(
    call: Page, faults: list[str]
) -> None:
    call.get_by_role("button", name="Play", exact=True).click()
    until(call, "document.querySelector('#audio').currentTime > 0.2")
    call.locator("body").press("n")
    expect(call.get_by_label("New note")).to_be_focused()
    call.keyboard.type("He said five.")
    call.keyboard.press("Control+Enter")
    note = call.locator(".note", has_text="He said five.")
    expect(note).to_be_visible()
    expect(call.get_by_label("New note")).to_have_value("")
    assert call.evaluate("document.querySelector('#audio').currentTime > 0 && !document.querySelector('#audio').paused")
    note.get_by_text("Change").press("Enter")
    note.get_by_label("The note's text").fill("He said six.")
    call.keyboard.press("Control+Enter")
    changed = call.locator(".note", has_text="He said six.")
    expect(changed).to_contain_text("changed")
    call.once("dialog", lambda dialog: dialog.accept())
    changed.get_by_role("button", name="Remove").press("Enter")
    expect(call.get_by_text("Nobody has noted anything on this call.")).to_be_visible()
    assert faults == []


def test_refused_note_keeps_its_text_and_the_focus(call: Page) -> None:
    field = call.get_by_label("New note")
    field.evaluate("field => { field.removeAttribute('required'); field.value = '   '; }")
    call.get_by_role("button", name="Add note").click()
    expect(call.get_by_text("Write some text.")).to_be_visible()
    expect(call.get_by_label("New note")).to_be_focused()


def test_note_that_nobody_takes_stays_in_its_field(call: Page) -> None:
    call.route("**/notes/", lambda route: route.fulfill(status=409, body="no"))
    call.get_by_label("New note").fill("Not to be lost.")
    call.get_by_role("button", name="Add note").click()
    expect(call.get_by_text("This was not saved. What you typed is still here")).to_be_visible()
    expect(call.get_by_label("New note")).to_have_value("Not to be lost.")


def test_note_written_when_the_session_is_over_stays_in_its_field(call: Page) -> None:
    call.get_by_label("New note").fill("Not to be lost.")
    call.context.clear_cookies()
    call.get_by_role("button", name="Add note").click()
    expect(call.get_by_text("This was not saved. What you typed is still here")).to_be_visible()
    expect(call.get_by_label("New note")).to_have_value("Not to be lost.")


def test_tag_is_offered_put_on_and_leads_to_the_calls_that_have_it(call: Page, faults: list[str]) -> None:
    call.locator("body").press("t")
    expect(call.get_by_label("New tag")).to_be_focused()
    expect(call.locator("#tag-words option[value='late trade']")).to_have_count(1)
    call.keyboard.type("Late Trade")
    call.keyboard.press("Enter")
    tag = call.locator(".tag", has_text="late trade")
    expect(tag).to_be_visible()
    tag.get_by_role("link").click()
    expect(call).to_have_url(re.compile(r"tag=late%20trade"))
    expect(call.locator(".call-row")).to_have_count(2)
    call.go_back()
    call.get_by_role("button", name="Remove the tag late trade").click()
    expect(call.locator(".tag")).to_have_count(0)
    assert faults == []


def test_call_on_hold_cannot_be_deleted_until_it_is_taken_out(page: Page, shown: Site, faults: list[str]) -> None:
    page.goto(f"{shown.address}{shown.paths['call-no-answer']}")
    page.get_by_role("button", name="Hold…").click()
    dialog = page.get_by_role("dialog", name="Put this call on hold")
    dialog.get_by_label("Reason").fill("The client complains.")
    dialog.get_by_label("Name").fill("Inquiry 7")
    dialog.get_by_label("Name").press("Enter")
    expect(page.get_by_text("On hold: nobody can delete this call.")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    refused = page.get_by_role("dialog", name="Delete this call?")
    expect(refused).to_contain_text("A hold lies on this call, so it cannot be deleted.")
    expect(refused.get_by_role("button", name="Delete the call")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Take this call out of the hold Inquiry 7").click()
    expect(page.get_by_text("The call was taken out of the hold.")).to_be_visible()
    page.goto(f"{shown.address}/holds/")
    article = page.locator(".hold", has_text="Inquiry 7")
    article.get_by_text("Release…").click()
    article.get_by_role("button", name="Release the hold Inquiry 7").click()
    expect(page.get_by_text("The hold Inquiry 7 is released.")).to_be_visible()
    assert faults == []


def test_hold_that_is_there_needs_no_name(page: Page, shown: Site) -> None:
    page.goto(f"{shown.address}{shown.paths['call-no-answer']}")
    page.get_by_role("button", name="Hold…").click()
    dialog = page.get_by_role("dialog", name="Put this call on hold")
    expect(dialog.get_by_label("Name")).to_be_visible()
    dialog.get_by_label("Hold", exact=True).select_option("Case 2026-114")
    expect(dialog.get_by_label("Name")).not_to_be_visible()
    dialog.get_by_role("button", name="Put on hold").click()
    expect(page.get_by_role("link", name="Case 2026-114")).to_be_visible()
    page.get_by_role("button", name="Take this call out of the hold Case 2026-114").click()
    expect(page.get_by_text("The call was taken out of the hold.")).to_be_visible()
