"""Every page, wide and narrow, light and dark: no serious fault that axe finds, nothing wider than the window."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import sign_in
from tests.browser.live import capture_running, running_call
from tests.browser.site import Site

pytestmark = pytest.mark.browser
SERIOUS = {"serious", "critical"}
Theme = Literal["light", "dark"]
WINDOWS: list[tuple[int, int, Theme]] = [
    (1280, 900, "light"),
    (1280, 900, "dark"),
    (390, 844, "light"),
    (390, 844, "dark"),
]
# What is cut off by its own frame, or scrolls in it, does not stick out.
STICKING_OUT = """(() => {
  const framed = (part) => part !== document.body
      && (getComputedStyle(part).overflowX !== "visible" || framed(part.parentElement));
  const outside = (part) => part.checkVisibility() && part.getBoundingClientRect().right > window.innerWidth + 1;
  return [...document.querySelectorAll("main *, header *")]
      .filter((part) => outside(part) && !framed(part.parentElement))
      .slice(0, 3).map((part) => "sticks out: " + part.outerHTML.slice(0, 150));
})()"""


def faults_of(page: Page) -> list[str]:
    """What axe finds serious, one line per kind with the first element, and what sticks out of the window."""
    found = [
        f"{fault['id']}: {fault['help']}: {fault['nodes'][0]['html'][:200]} ({len(fault['nodes'])})"
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in SERIOUS
    ]
    return [*found, *page.evaluate(STICKING_OUT)]


@pytest.mark.parametrize(("width", "height", "theme"), WINDOWS)
def test_no_page_has_a_serious_fault(chromium: Browser, shown: Site, width: int, height: int, theme: Theme) -> None:
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    page = context.new_page()
    page.goto(f"{shown.address}/sign-in/")
    found = {"sign-in": faults_of(page)}
    sign_in(page, shown, "anna")
    calls = [
        running_call("2101", "2102", ago=75, answered=66),
        running_call("2117", "2102", ago=4, answered=None),
    ]
    with capture_running(shown.data / "spool" / "live", calls):
        for name, path in shown.paths.items():
            page.goto(shown.address + path)
            page.locator("#health .pill, .alone").first.wait_for()
            found[name] = faults_of(page)
    page.goto(f"{shown.address}/active-calls/")
    found["capture-not-running"] = faults_of(page)
    page.keyboard.press("?")
    found["help"] = faults_of(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="anna").or_(page.get_by_role("button", name="Your menu")).first.click()
    page.get_by_role("button", name="Sign out").wait_for()
    found["menu"] = faults_of(page)
    page.goto(shown.address + shown.paths["call"])
    page.get_by_role("button", name="Delete", exact=True).click()
    found["delete"] = faults_of(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Hold…").click()
    found["hold"] = faults_of(page)
    context.close()
    assert {name: faults for name, faults in found.items() if faults} == {}
