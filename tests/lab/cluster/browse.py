"""A person at the lab's switch with a browser: makes a cluster of two bare machines through the pages only.

set_up(primary, secondary)     from any process; the browser itself runs beside the switch, in the hub's namespace
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from playwright.sync_api import Error, Page, sync_playwright

from tests.browser.chromium import FLAGS, program
from tests.lab.cluster.configure import DISK, LIBRARY, STAND_IN
from tests.lab.cluster.place import CHECKOUT, FLOATING, HUB, LabError, address, link_address, name
from tests.lab.cluster.prepare import PASSWORD, USER

PORT = 8000
PATIENCE = 900.0  # seconds for all of it; it takes two to four minutes
EACH = 300.0  # for one machine's set-up
SIGHT = "/cluster/"
# What is typed beside names and addresses, by a field's label: the lab's device is no DRBD.
ANSWERS = {
    "Partition for the recordings": DISK,
    "DRBD device": STAND_IN,
    "Recordings directory": LIBRARY,
    "Network interface": "eth0",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Who signs in; the same on both machines."""

    user: str = USER
    password: str = field(default=PASSWORD, repr=False)


@dataclass(frozen=True, slots=True)
class Task:
    """What the browser's process is told."""

    primary: str
    secondary: str
    names: tuple[str, str]
    links: tuple[str, str]
    floating: str
    person: Person
    answers: Mapping[str, str]


def set_up(
    primary: int = 1, secondary: int = 2, *, person: Person | None = None, answers: Mapping[str, str] | None = None
) -> dict[str, float]:
    """The seconds that each part took. Raises LabError with what the page said."""
    if not program():
        raise LabError("Chromium is not installed; apt install chromium")
    names = (name(primary), name(secondary))
    links = (link_address(primary), link_address(secondary))
    task = Task(address(primary), address(secondary), names, links, FLOATING, person or Person(), answers or ANSWERS)
    argv = ["ip", "netns", "exec", HUB, sys.executable, "-m", "tests.lab.cluster.browse"]
    told = json.dumps(asdict(task))  # by standard input, as it holds a password
    try:
        done = subprocess.run(
            argv, cwd=CHECKOUT, input=told, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise LabError(f"The set-up through the pages had no end within {PATIENCE:g} s.") from None
    if done.returncode:
        raise LabError(f"The set-up through the pages failed.\n{done.stderr[-3000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


class Visitor:
    """One page at one machine. Signs in wherever it is asked to: sessions may end while a machine joins."""

    def __init__(self, page: Page, machine: str, person: Person) -> None:
        self.page, self.person = page, person
        self.home = f"http://{machine}:{PORT}"

    def open(self, path: str, seconds: float = 60.0) -> None:
        """The page at this path, once the machine answers."""
        end = time.monotonic() + seconds
        while True:
            try:
                self.page.goto(self.home + path)
                break
            except Error as error:
                if time.monotonic() > end:
                    raise LabError(f"{self.home} does not answer: {error.message.splitlines()[0]}") from None
                self.page.wait_for_timeout(500)
        self._sign_in()

    def see(self, wanted: str, seconds: float, *, path: str) -> None:
        """Wait until this text stands on the page. Raises LabError at once where the set-up says that it failed."""
        end = time.monotonic() + seconds
        while not self.page.get_by_text(wanted).first.is_visible():
            failed = self.page.locator(".setup-error")
            if failed.count():
                raise LabError(f"{self.home}: {failed.first.inner_text()}\n{self._words()}")
            if time.monotonic() > end:
                raise LabError(f'{self.home} never said "{wanted}":\n{self._words()}')
            if self._lost():
                self.open(path, max(1.0, end - time.monotonic()))
            self.page.wait_for_timeout(300)

    def click(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()
        self._complain()

    def link(self, words: str) -> None:
        self.page.get_by_role("link", name=words, exact=True).click()

    def type(self, label: str, text: str) -> None:
        found = self.page.get_by_label(label)
        if found.evaluate("part => part.tagName") == "SELECT":
            found.select_option(text)
        else:
            found.fill(text)

    def _sign_in(self) -> None:
        if "/sign-in/" in self.page.url:
            self.type("User name", self.person.user)
            self.type("Password", self.person.password)
            self.page.get_by_role("button", name="Sign in").click()
            self._complain()

    def _lost(self) -> bool:
        """Whether this is no page of the set-up or the cluster any more: the sign-in page, or the browser's own."""
        return "/cluster/" not in self.page.url.split("?")[0] or not self.page.locator("main").count()

    def _complain(self) -> None:
        """What a page says in red ends the visit."""
        said = [part.inner_text() for part in self.page.locator(".invalid-feedback.d-block, .alert-danger").all()]
        said = [words for words in said if "is overwritten" not in words]
        if said:
            raise LabError(f"{self.page.url}: {' '.join(said)}")

    def _words(self) -> str:
        main = self.page.locator("main")
        return main.first.inner_text()[-2000:] if main.count() else self.page.url


def make_primary(visitor: Visitor, task: Task) -> None:
    visitor.open("/cluster/setup/")
    visitor.link("Set up as primary")
    nodes = zip(task.names, (task.primary, task.secondary), task.links, strict=True)
    for number, (node, at, link) in enumerate(nodes, 1):
        visitor.type(f"IP name, node {number}", node)
        visitor.type(f"IP address, node {number}", at)
        visitor.type(f"IP mask, node {number}", "255.255.255.0")
        visitor.type(f"Replication link: address, node {number}", link)
        visitor.type(f"Replication link: mask, node {number}", "255.255.255.0")
    visitor.type("Floating IP address", task.floating)
    for label, text in task.answers.items():
        visitor.type(label, text)
    visitor.click("Check, and show what will be done")
    visitor.click("Apply: set up the primary")
    visitor.see(f"{task.names[0]} is set up as the primary.", EACH, path="/cluster/setup/")


def code_of(visitor: Visitor) -> str:
    visitor.click("Show a code")
    visitor.see("Listening", 60, path="/cluster/setup/")
    return "-".join(visitor.page.locator(".setup-groups span").all_inner_texts())


def make_secondary(visitor: Visitor, task: Task, code: str) -> None:
    visitor.open("/cluster/setup/")
    visitor.link("Set up as secondary")
    visitor.type("Address of the primary", task.primary)
    visitor.type("Pairing code", code)
    visitor.click("Pair")
    visitor.click("Apply: set up the secondary")
    visitor.see(f"{task.names[1]} is set up as the secondary.", EACH, path="/cluster/setup/")


def main() -> int:
    given = json.load(sys.stdin)
    task = Task(
        **{
            **given,
            "names": tuple(given["names"]),
            "links": tuple(given["links"]),
            "person": Person(**given["person"]),
        }
    )
    first, second = task.names
    ready = f"{first} records. {second} is ready. If {first} fails now, {second} takes over."
    took: dict[str, float] = {}

    def part(what: str, began: float) -> None:
        took[what] = round(time.monotonic() - began, 1)

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program(), args=FLAGS)
        one, two = (
            Visitor(browser.new_context().new_page(), machine, task.person)
            for machine in (task.primary, task.secondary)
        )
        try:
            began = time.monotonic()
            make_primary(one, task)
            part("primary", began)
            began = time.monotonic()
            make_secondary(two, task, code_of(one))
            part("secondary", began)
            began = time.monotonic()
            for visitor in (one, two):
                visitor.open(SIGHT)
                visitor.see(ready, EACH, path=SIGHT)
            part("ready", began)
        except (LabError, Error) as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            browser.close()
    print(json.dumps(took))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
