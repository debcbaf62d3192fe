"""verify.html, opened as a file in a browser without any network."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

import recordings.evidence
from tests.browser.chromium import until
from tests.samples import evidence

pytestmark = pytest.mark.browser
PAGE = Path(recordings.evidence.__file__).parent / "reader" / "verify.html"


@pytest.fixture
def offline(context: BrowserContext) -> Page:
    context.set_offline(True)
    page = context.new_page()
    page.goto(PAGE.as_uri())
    return page


def verdict(page: Page, data: bytes) -> str:
    page.set_input_files("#file", {"name": "call.zip", "mimeType": "application/zip", "buffer": data})
    until(page, "!!document.getElementById('verdict').dataset.state")
    said = page.locator("#verdict")
    state = said.get_attribute("data-state") or ""
    page.evaluate("delete document.getElementById('verdict').dataset.state")
    return state


def test_the_page_accepts_the_original_and_rejects_fifty_tampered_packages(
    offline: Page, tmp_path: Path, faults: list[str]
) -> None:
    key = evidence.new_key()
    path = tmp_path / "call.zip"
    evidence.write(path, key, evidence.new_key())
    cases = list(evidence.tampered(evidence.read(path), key))
    assert len(cases) >= 50
    assert verdict(offline, path.read_bytes()) == "whole"
    assert offline.locator("#keys li").count() == 2
    assert [name for name, data in cases if verdict(offline, data) != "changed"] == []
    assert verdict(offline, path.read_bytes()) == "whole"
    assert faults == []


def test_the_page_says_what_is_not_proved(offline: Page, tmp_path: Path) -> None:
    path = tmp_path / "call.zip"
    evidence.write(path, evidence.new_key(), evidence.new_key())
    verdict(offline, path.read_bytes())
    assert offline.get_by_role("heading", name="What is not proved").is_visible()
    assert offline.get_by_text("no outside authority stamped them").is_visible()
