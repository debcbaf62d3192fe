"""One site, one Chromium for all browser tests; a fresh context, as a person's own browser, for each."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import FLAGS, program
from tests.browser.site import PASSWORD, Site, site

COUNT = 56  # more than one page of the list


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site"), COUNT) as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not program():
        pytest.skip("Chromium is not installed; apt install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport={"width": 1280, "height": 900}, timezone_id="Europe/Amsterdam")
    made.set_default_timeout(20_000)
    yield made
    made.close()


@pytest.fixture
def faults(context: BrowserContext) -> list[str]:
    """What the browser complained of: script errors, and what the content security policy refused."""
    found: list[str] = []
    context.on("weberror", lambda error: found.append(str(error.error)))
    context.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    return found


@pytest.fixture(scope="session")
def session_of_anna(chromium: Browser, shown: Site) -> list[Any]:
    """The cookies of one sign-in, shared by the tests that are not about signing in."""
    context = chromium.new_context()
    sign_in(context.new_page(), shown, "anna")
    cookies = context.cookies(shown.address)
    context.close()
    return list(cookies)


@pytest.fixture
def page(context: BrowserContext, shown: Site, faults: list[str], session_of_anna: list[Any]) -> Page:
    """Anna, the administrator, looks at the list of calls."""
    context.add_cookies(session_of_anna)
    page = context.new_page()
    page.goto(f"{shown.address}/calls/")
    return page


def sign_in(page: Page, shown: Site, name: str) -> Page:
    page.goto(f"{shown.address}/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Calls", level=1).wait_for()
    return page
