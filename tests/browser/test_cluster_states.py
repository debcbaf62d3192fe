"""The pages of a cluster in each of their states: how they look, that they follow by themselves, that keys suffice."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.cluster_names import NAMES, page_of
from tests.browser.conftest import sign_in
from tests.browser.site import Site, site
from tests.browser.test_looks import WINDOWS, Theme, faults_of

pytestmark = pytest.mark.browser
FOCUSED = "(() => { const part = document.activeElement; return [part.id, getComputedStyle(part).outlineStyle]; })()"


@pytest.fixture(scope="module")
def pretended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("cluster"), 8, app="tests.browser.cluster_app") as served:
        yield served


@pytest.fixture(scope="module")
def cookies(chromium: Browser, pretended: Site) -> list[Any]:
    context = chromium.new_context()
    sign_in(context.new_page(), pretended, "anna")
    found = list(context.cookies(pretended.address))
    context.close()
    return found


@pytest.fixture
def screen(context: BrowserContext, cookies: list[Any], faults: list[str]) -> Iterator[Page]:
    context.add_cookies(cookies)
    yield context.new_page()
    assert faults == []


def become(screen: Page, here: Site, name: str) -> None:
    screen.request.get(f"{here.address}/pretend/{name}")


def open_at(screen: Page, here: Site, name: str) -> None:
    screen.goto("about:blank")  # a page that follows must not turn over just now
    become(screen, here, name)
    screen.goto(here.address + page_of(name, here.paths))


@pytest.mark.parametrize(("width", "height", "theme"), [WINDOWS[0], WINDOWS[3]])  # each width and each theme once
def test_no_state_has_a_serious_fault(
    chromium: Browser, pretended: Site, cookies: list[Any], width: int, height: int, theme: Theme
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    context.add_cookies(cookies)
    screen, found = context.new_page(), {}
    for name in NAMES:
        open_at(screen, pretended, name)
        screen.locator("#health .pill").first.wait_for()
        found[name] = faults_of(screen)
        if screen.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found[name].append("the page scrolls sideways")
    context.close()
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_the_open_repair_page_follows_from_the_button_to_the_end(screen: Page, pretended: Site) -> None:
    open_at(screen, pretended, "recovery-open")
    screen.get_by_role("button", name="Repair this node").click()
    expect(screen.get_by_text("It begins in a moment.")).to_be_visible()
    become(screen, pretended, "recovery-running")
    expect(screen.get_by_text("34 %")).to_be_visible()
    expect(screen.get_by_text("Copying the database from the active node")).to_be_visible()
    become(screen, pretended, "recovery-done")
    expect(screen.get_by_role("heading", name="Nothing needs to be recovered")).to_be_visible()
    outcome = screen.get_by_role("region", name="The last repair")
    expect(outcome).to_contain_text("The recordings are still being copied")
    expect(screen.get_by_text("This cannot be done now.")).to_be_hidden()


def test_a_repair_that_failed_says_so_above_all_and_can_be_asked_for_again(screen: Page, pretended: Site) -> None:
    open_at(screen, pretended, "recovery-running")
    become(screen, pretended, "recovery-failed")
    expect(screen.get_by_role("alert").first).to_contain_text("Copying the database from the active node failed")
    expect(screen.get_by_role("button", name="Repair this node")).to_be_enabled()


def test_a_repair_that_must_be_accepted_is_not_begun_without(screen: Page, pretended: Site) -> None:
    open_at(screen, pretended, "recovery-unseen")
    screen.get_by_role("button", name="Start this node first").click()
    expect(screen.get_by_label("I know that the other node has nothing newer.")).to_be_focused()
    expect(screen.locator("#recovery-progress")).to_have_count(0)


def test_the_test_of_the_link_is_followed_to_its_result(screen: Page, pretended: Site) -> None:
    open_at(screen, pretended, "link-running")
    expect(screen.get_by_role("button", name="Test the link")).to_be_disabled()
    become(screen, pretended, "link")
    expect(screen.get_by_text("412 Mbit/s; a question takes 1.8 ms.")).to_be_visible()
    expect(screen.get_by_role("button", name="Test the link")).to_be_enabled()


def test_a_witness_is_followed_from_its_addition_to_its_vote(screen: Page, pretended: Site) -> None:
    open_at(screen, pretended, "witness-none")
    expect(screen.get_by_role("heading", name="Add a witness")).to_be_visible()
    become(screen, pretended, "witness-adding")
    screen.reload()
    work = screen.get_by_role("region", name="Add a witness")
    expect(work).to_contain_text("Starting or stopping the witness's client")
    expect(screen.get_by_label("Name or address of the third machine")).to_have_count(0)
    become(screen, pretended, "witness-there")
    expect(screen.get_by_role("heading", name="203.0.113.9")).to_be_visible()
    become(screen, pretended, "witness-removing")
    screen.reload()
    expect(screen.get_by_role("region", name="Remove the witness")).to_contain_text("Setting what a node")
    expect(screen.get_by_role("link", name="Remove the witness…")).to_have_count(0)


def test_a_witness_that_gives_no_vote_is_told_on_its_page(screen: Page, pretended: Site) -> None:
    open_at(screen, pretended, "witness-unreachable")
    expect(screen.get_by_role("status").first).to_contain_text("The witness gives no vote")
    expect(screen.get_by_role("row", name="north")).to_contain_text("Connecting")


def test_a_switch_is_followed_from_its_form_to_its_failure(screen: Page, pretended: Site) -> None:
    open_at(screen, pretended, "fencing-none")
    screen.get_by_label("Kind of power switch").select_option("fence_virsh")
    screen.get_by_label("Name or address of the switch").fill("192.0.2.9")
    screen.get_by_label("User there").fill("fence")
    screen.get_by_label("Name of south at its host").fill("south")
    screen.get_by_role("button", name="Next…").click()
    expect(screen.get_by_text("nothing is switched.")).to_be_visible()
    expect(screen.get_by_label("Password of fence at 192.0.2.9")).to_have_attribute("type", "password")
    open_at(screen, pretended, "fencing-adding")
    expect(screen.get_by_text("Asking the power switch")).to_be_visible()
    become(screen, pretended, "fencing-failed")
    expect(screen.get_by_role("alert")).to_contain_text("does not answer fence_ipmilan: ERROR: No route to host")


def test_every_part_of_the_page_is_reached_by_key_and_seen_to_be(screen: Page, pretended: Site) -> None:
    open_at(screen, pretended, "cluster-risk")
    screen.locator("main").focus()
    reached: list[str] = []
    outlines: set[str] = set()
    while "page-" not in "".join(reached) and len(reached) < 12:
        screen.keyboard.press("Tab")
        name, outline = screen.evaluate(FOCUSED)
        reached.append(name)
        outlines.add(outline)
    links = ["banner-split-brain-possible", "act-maintenance-on", "act-switchover", "witness", "fencing", "page-2"]
    assert reached == links
    assert outlines == {"solid"}


def test_the_focus_outlives_the_next_look(screen: Page, pretended: Site) -> None:
    open_at(screen, pretended, "cluster-risk")
    screen.locator("#to-link").focus()
    with screen.expect_response("**/cluster/state/"):
        pass
    expect(screen.locator("#to-link")).to_be_focused()
