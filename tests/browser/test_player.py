"""The page of a call as a person uses it: playing, seeking by ranges, taking along, deleting."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.browser.chromium import until
from tests.browser.conftest import sign_in
from tests.browser.site import Site

pytestmark = pytest.mark.browser
AUDIO = "document.querySelector('#audio')"


def open_call(page: Page, shown: Site, name: str = "call") -> Page:
    page.goto(shown.address + shown.paths[name])
    until(page, f"{AUDIO}.readyState >= 1")
    return page


def position(page: Page) -> float:
    return float(page.evaluate(f"{AUDIO}.currentTime"))


def test_waveform_is_drawn_for_both_sides_and_the_policy_refuses_nothing(
    page: Page, shown: Site, faults: list[str]
) -> None:
    open_call(page, shown)
    until(page, "document.querySelector('#wave').firstElementChild?.shadowRoot.querySelectorAll('canvas').length >= 4")
    assert faults == []


def test_playing_moves_on_and_pausing_stops(page: Page, shown: Site) -> None:
    open_call(page, shown)
    page.get_by_role("button", name="Play").click()
    until(page, f"{AUDIO}.currentTime > 0.3")
    page.get_by_role("button", name="Pause").click()
    until(page, f"{AUDIO}.paused")
    assert 0.3 < position(page) < 20


def test_audio_and_its_seeking_come_by_ranges(page: Page, shown: Site) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/audio/" in request.url else None)
    open_call(page, shown)
    page.get_by_label("Position").focus()
    page.keyboard.press("End")
    until(page, f"!{AUDIO}.seeking && {AUDIO}.currentTime > 10")
    answers = [request.response() for request in asked]
    assert {answer.status for answer in answers if answer} == {206}
    assert all(request.all_headers()["range"].startswith("bytes=") for request in asked)


def test_click_in_the_waveform_seeks(page: Page, shown: Site) -> None:
    open_call(page, shown)
    wave = page.locator("#wave")
    until(page, "document.querySelector('#wave').childElementCount > 0")
    box = wave.bounding_box()
    assert box is not None
    wave.click(position={"x": box["width"] / 2, "y": 30})
    until(page, f"Math.abs({AUDIO}.currentTime / {AUDIO}.duration - 0.5) < 0.05")


def test_keys_play_seek_and_change_the_speed(page: Page, shown: Site) -> None:
    open_call(page, shown)
    page.keyboard.press("ArrowRight")
    assert position(page) == pytest.approx(5, abs=0.1)
    page.keyboard.press("ArrowLeft")
    assert position(page) == pytest.approx(0, abs=0.1)
    page.keyboard.press("]")
    page.keyboard.press("]")
    assert page.evaluate(f"{AUDIO}.playbackRate") == 1.5
    expect(page.get_by_label("Speed")).to_have_value("1.5")
    page.keyboard.press(" ")
    until(page, f"!{AUDIO}.paused")


def test_speed_is_chosen_from_the_list(page: Page, shown: Site) -> None:
    open_call(page, shown)
    page.get_by_label("Speed").select_option("3")
    assert page.evaluate(f"{AUDIO}.playbackRate") == 3


def test_muting_one_side_leaves_the_other_playing(page: Page, shown: Site, faults: list[str]) -> None:
    open_call(page, shown)
    button = page.get_by_role("button", name="Called", exact=True)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Play").click()
    until(page, f"{AUDIO}.currentTime > 0.2")
    assert faults == []


@pytest.mark.parametrize(("label", "begin"), [("WAV", b"RIFF"), ("FLAC", b"fLaC"), ("Opus", b"OggS")])
def test_recording_is_downloaded_in_the_chosen_format(page: Page, shown: Site, label: str, begin: bytes) -> None:
    open_call(page, shown)
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name=label, exact=True).click()
    assert waiting.value.path().read_bytes()[:4] == begin
    assert waiting.value.suggested_filename.endswith(f".{label.lower()}")


def test_message_of_the_ladder_opens_by_keyboard(page: Page, shown: Site) -> None:
    open_call(page, shown)
    page.locator(".ladder-step summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ladder-step pre").first).to_contain_text("Call-ID:")


def test_way_back_keeps_the_filters_of_the_list(page: Page, shown: Site) -> None:
    page.goto(f"{shown.address}/calls/?number=kontor")
    page.locator(".row-link").first.click()
    page.locator("main").get_by_role("link", name="Calls").click()
    expect(page).to_have_url(re.compile(r"/calls/\?number=kontor$"))


def test_listener_plays_but_cannot_download_by_the_address_either(context: BrowserContext, shown: Site) -> None:
    page = open_call(sign_in(context.new_page(), shown, "bob"), shown)
    expect(page.get_by_role("button", name="Download")).to_have_count(0)
    answer = context.request.get(f"{shown.address}/api/v1{shown.paths['call']}audio/?format=wav&download=1")
    assert answer.status == 403


def test_call_without_sound_says_why_instead_of_a_player(page: Page, shown: Site) -> None:
    page.goto(shown.address + shown.paths["call-no-answer"])
    expect(page.get_by_text("The call was not answered, so there is nothing to hear.")).to_be_visible()
    expect(page.locator("#player")).to_have_count(0)


def test_deleting_asks_first_and_can_be_left(page: Page, shown: Site) -> None:
    open_call(page, shown, "call-gap")
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog", name="Delete this call?")
    expect(dialog).to_contain_text("This cannot be undone.")
    dialog.get_by_role("button", name="Keep the call").click()
    expect(dialog).not_to_be_visible()
    expect(page).to_have_url(shown.address + shown.paths["call-gap"])
