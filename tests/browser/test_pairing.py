"""Two machines, each with its own pages, become acquainted by a code that a person carries over."""

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import set_up
from tests.browser.set_up import ANSWERS, Machine

pytestmark = pytest.mark.browser
Pages = tuple[Page, Page]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def pages(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Anna at the primary, which is set up, and at a bare second machine; each in a browser of its own."""
    port = free_port()
    first, second = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
    with set_up.machine(first, port) as one, set_up.machine(second, port) as two:
        one.role("primary")
        one.keep("answers.json", ANSWERS)
        contexts = [chromium.new_context() for _ in range(2)]
        found = [_at(context.new_page(), here) for context, here in zip(contexts, (one, two), strict=True)]
        yield found[0], found[1]
        for context in contexts:
            context.close()


def _at(page: Page, here: Machine) -> Page:
    set_up.sign_in(page, here)
    return page


def code(primary: Page) -> str:
    expect(primary.get_by_text("Listening")).to_be_visible()
    return " ".join(primary.locator(".setup-groups span").all_inner_texts())


def join(second: Page, typed: str) -> None:
    second.get_by_label("Address of the primary").fill("127.0.0.1")
    second.get_by_label("Pairing code").fill(typed)
    second.get_by_role("button", name="Pair", exact=True).click()


def test_a_code_is_carried_over_the_wrong_way_and_then_the_right_way(pages: Pages) -> None:
    primary, second = pages
    primary.get_by_role("button", name="Show a code").click()
    shown = code(primary)
    second.get_by_role("link", name="Set up as secondary").click()
    swapped = shown[:-1] + ("A" if shown[-1] != "A" else "B")
    join(second, swapped)
    expect(second.get_by_text("This pairing code has a typing error")).to_be_visible()
    primary.get_by_role("button", name="Make a new code").click()
    expect(primary.locator(".setup-groups")).not_to_have_text(shown.replace(" ", ""))
    join(second, shown)
    expect(second.get_by_text("The code is wrong; compare it with the primary's screen.")).to_be_visible()
    expect(second.get_by_text("Wait 2 seconds before you try again.")).to_be_visible()
    expect(primary.get_by_text("The code is wrong; compare it with the primary's screen.")).to_be_visible()
    agreed = second.get_by_text("myrec2 (192.168.2.12) becomes the secondary of the cluster of myrec1")
    for _ in range(20):  # too early at first: two seconds must have passed
        join(second, code(primary).lower())
        second.wait_for_load_state()
        if agreed.is_visible():
            break
        second.wait_for_timeout(500)
    expect(agreed).to_be_visible()
    expect(primary.get_by_text("know each other")).to_be_visible()
