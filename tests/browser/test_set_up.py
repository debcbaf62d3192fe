"""The set-up screen as an administrator uses it; the set-up itself only pretends."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser import set_up
from tests.browser.set_up import BACK_FAILED, FAILED, GIVING_UP, PRIMARY, SERVED, UNTOUCHED, Machine, Pretended
from tests.browser.site import PASSWORD
from tests.browser.test_looks import WINDOWS, faults_of

pytestmark = pytest.mark.browser
CHECK = "Check, and show what will be done"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with set_up.machine(tmp_path_factory.mktemp("set-up")) as here:
        yield here


@pytest.fixture(scope="module")
def cookies(chromium: Browser, served: Machine) -> list[Any]:
    context = chromium.new_context()
    page = context.new_page()
    set_up.sign_in(page, served)
    page.get_by_role("heading", name="Set up a cluster").wait_for()
    found = list(context.cookies(served.site.address))
    context.close()
    return found


@pytest.fixture
def here(served: Machine) -> Machine:
    served.bare()
    return served


@pytest.fixture
def screen(context: BrowserContext, here: Machine, cookies: list[Any]) -> Page:
    """Anna at the set-up screen of a bare machine."""
    context.add_cookies(cookies)
    page = context.new_page()
    here.open(page)
    return page


def test_the_primary_is_set_up_from_the_form_to_the_code(screen: Page, here: Machine, faults: list[str]) -> None:
    screen.get_by_role("link", name="Set up as primary").click()
    set_up.fill(screen)
    screen.get_by_role("button", name=CHECK).click()
    expect(screen.get_by_text("/dev/sdb1 is overwritten")).to_be_visible()
    screen.get_by_role("button", name="Apply: set up the primary").click()
    expect(screen.get_by_text("It begins in a moment.")).to_be_visible()
    here.state(PRIMARY)
    expect(screen.get_by_text("54 %")).to_be_visible()
    here.state(replace(PRIMARY, state="done", percent=100))
    here.role("primary")
    expect(screen.get_by_role("heading", name="myrec1 is set up as the primary.")).to_be_visible()
    screen.get_by_role("button", name="Show a code").click()
    expect(screen.locator(".setup-groups span")).to_have_count(8)
    expect(screen.get_by_text("The code is good for 14 min")).to_be_visible()
    screen.get_by_role("button", name="Cancel the code").click()
    expect(screen.get_by_role("button", name="Show a code")).to_be_visible()
    assert faults == []


def test_the_first_wrong_field_has_the_focus_and_what_was_typed_stays(screen: Page) -> None:
    screen.get_by_role("link", name="Set up as primary").click()
    set_up.fill(screen)
    screen.get_by_label("IP mask, node 2").fill("255.255.0.255")
    screen.get_by_label("Witness (optional)").fill("192.168.2.11")
    screen.get_by_role("button", name=CHECK).click()
    wrong = screen.get_by_label("IP mask, node 2")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_value("255.255.0.255")
    expect(wrong).to_have_accessible_description(
        '"255.255.0.255" is no IP mask; write one such as 255.255.255.0, or the number of its bits, such as 24.'
    )
    expect(screen.get_by_label("IP name, node 2")).to_have_value("myrec2")
    expect(screen.get_by_label("Witness (optional)")).to_have_value("192.168.2.11")


def test_from_the_review_the_answers_can_be_changed(screen: Page) -> None:
    screen.get_by_role("link", name="Set up as primary").click()
    set_up.fill(screen)
    screen.get_by_label("Witness (optional)").fill("witness.example.org")
    screen.get_by_role("button", name=CHECK).click()
    screen.get_by_role("button", name="Change the answers").click()
    expect(screen.get_by_label("Witness (optional)")).to_have_value("witness.example.org")


def test_the_page_survives_a_restart_of_the_web_service(screen: Page, here: Machine) -> None:
    here.state(replace(PRIMARY, percent=60))
    here.open(screen)
    nobody = "**/cluster/setup/progress/"

    def refuse(route: Route) -> None:
        route.abort("connectionrefused")

    screen.route(nobody, refuse)
    expect(screen.get_by_text("Apresa does not answer.")).to_be_visible()
    here.state(replace(PRIMARY, percent=77))
    screen.unroute(nobody, refuse)
    expect(screen.get_by_text("77 %")).to_be_visible()
    expect(screen.get_by_text("Apresa does not answer.")).to_be_hidden()


def test_a_session_that_ends_in_the_middle_comes_back_after_signing_in(screen: Page, here: Machine) -> None:
    here.state(PRIMARY)
    here.open(screen)
    screen.context.clear_cookies()
    screen.get_by_label("User name").fill("anna")
    screen.get_by_label("Password").fill(PASSWORD)
    screen.get_by_role("button", name="Sign in").click()
    expect(screen.get_by_text("54 %")).to_be_visible()


def test_a_failure_shows_its_command_and_goes_on(screen: Page, here: Machine) -> None:
    here.state(PRIMARY)
    here.open(screen)
    here.state(FAILED)
    expect(screen.get_by_role("alert").filter(has_text="drbdadm ended with exit code 40")).to_be_visible()
    expect(screen.get_by_text("Exclusive open failed.")).to_be_visible()
    screen.get_by_role("button", name="Go on").click()
    expect(screen.get_by_text("goes on in a moment.")).to_be_visible()


def test_a_set_up_is_given_up_from_its_failure_to_the_lone_machine(screen: Page, here: Machine) -> None:
    here.keep("answers.json", set_up.ANSWERS)
    here.state(FAILED)
    here.open(screen)
    screen.get_by_role("link", name="Give up…").click()
    expect(screen.get_by_text("This machine will work alone again. Nothing has been taken back yet.")).to_be_visible()
    screen.get_by_role("button", name="Give up: work alone again").click()
    expect(screen.get_by_role("heading", name="The set-up is being given up")).to_be_visible()
    here.state(GIVING_UP)
    expect(screen.get_by_text("45 %")).to_be_visible()
    here.state(BACK_FAILED)
    expect(screen.get_by_role("heading", name="Giving the set-up up has stopped half way")).to_be_visible()
    expect(screen.get_by_role("alert").filter(has_text="Device is held open")).to_be_visible()
    here.state(replace(GIVING_UP, percent=90))
    screen.get_by_role("button", name="Go on").click()
    here.state(None)
    here.open(screen)
    expect(screen.get_by_role("heading", name="Set up a cluster")).to_be_visible()


def test_a_set_up_that_served_is_not_given_up_and_nothing_says_it_was(screen: Page, here: Machine) -> None:
    here.keep("answers.json", set_up.ANSWERS)
    here.state(SERVED)
    here.open(screen)
    screen.get_by_role("link", name="Give up…").click()
    expect(screen.get_by_role("alert")).to_contain_text("calls may lie in the cluster's database alone")
    expect(screen.get_by_text("The set-up stays as it is: nothing was taken back.")).to_be_visible()
    expect(screen.get_by_role("button", name="Give up")).to_have_count(0)
    screen.get_by_role("link", name="Do nothing").click()
    expect(screen.get_by_role("button", name="Go on")).to_be_visible()


def test_what_failed_before_the_first_touch_is_answered_anew(screen: Page, here: Machine) -> None:
    here.keep("answers.json", set_up.ANSWERS)
    here.state(UNTOUCHED)
    here.open(screen)
    expect(screen.get_by_text("Nothing was changed on this machine yet.")).to_be_visible()
    screen.get_by_role("link", name="Change the answers").click()
    expect(screen.get_by_label("Floating IP address")).to_have_value("192.168.2.10")


def test_an_opened_step_stays_open_while_the_page_follows(screen: Page, here: Machine) -> None:
    here.state(PRIMARY)
    here.open(screen)
    screen.get_by_text("3 commands").click()
    here.state(replace(PRIMARY, percent=88))
    expect(screen.get_by_text("88 %")).to_be_visible()
    expect(screen.get_by_text("mkfs.ext4 -q /dev/drbd0")).to_be_visible()


def test_the_second_machine_is_told_what_is_wrong_with_its_code(screen: Page) -> None:
    screen.get_by_role("link", name="Set up as secondary").click()
    expect(screen.get_by_label("Address of the primary")).to_be_focused()
    screen.get_by_label("Address of the primary").fill("192.168.2.11")
    screen.get_by_label("Pairing code").fill("ABCD-EFGH")
    screen.get_by_role("button", name="Pair", exact=True).click()
    expect(screen.get_by_label("Pairing code")).to_be_focused()
    expect(screen.get_by_text("A pairing code has eight groups of four letters and digits")).to_be_visible()
    expect(screen.get_by_label("Address of the primary")).to_have_value("192.168.2.11")


def test_the_paired_second_machine_shows_the_answers_and_begins(screen: Page, here: Machine) -> None:
    here.keep("answers.json", set_up.ANSWERS)
    here.keep("peer.json", {"node": "1", "name": "myrec1", "address": "192.168.2.11"})
    here.open(screen)
    screen.get_by_role("link", name="Go on as secondary").click()
    expect(screen.get_by_text("You will be asked to sign in again")).to_be_visible()
    screen.get_by_role("button", name="Apply: set up the secondary").click()
    expect(screen.get_by_role("heading", name="This machine becomes the secondary")).to_be_visible()
    here.state(Pretended("secondary", "done", 100))
    here.role("secondary")
    expect(screen.get_by_role("heading", name="myrec1 is set up as the secondary.")).to_be_visible()


@pytest.mark.parametrize(("width", "height", "theme"), WINDOWS)
def test_no_state_has_a_serious_fault(
    chromium: Browser, here: Machine, width: int, height: int, theme: Literal["light", "dark"]
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    page = context.new_page()
    set_up.sign_in(page, here)
    found = {name: faults_of(page) for name in set_up.states(page, here)}
    context.close()
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert len(found) == 19
