"""A machine on its way into a cluster, to look at: each state of the set-up screen by its name.

python -m tests.browser.set_up 0     fill the directory of APRESA_DATA
"""

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from cluster.catalogue.setup_steps import STEPS
from cluster.setup import undo
from cluster.setup.steps import steps
from tests.browser.site import PASSWORD, Site, site

FILE = "pretended.json"


@dataclass(frozen=True, slots=True)
class Line:
    """As the engine's StepLine, in a process without Django."""

    code: str
    title: str
    state: str
    commands: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pretended:
    """As the engine's SetupState."""

    role: str
    state: str = ""
    percent: int = 0
    steps: tuple[Line, ...] = ()
    error: str = ""
    gives_up: bool = False
    untouched: bool = False


def write(data: Path, found: Any) -> None:
    """As the engine would have left it; whole or not at all."""
    temporary = data / f"{FILE}.new"
    temporary.write_text(json.dumps(asdict(found)))
    temporary.rename(data / FILE)


VOLUME = (
    ("apresa-helper drbd-config", 0, ""),
    ("drbdadm create-md --force r0", 0, "New drbd meta data block successfully created."),
    ("mkfs.ext4 -q /dev/drbd0", 0, ""),
)
BUSY = "open(/dev/vdb1) failed: Device or resource busy\nExclusive open failed. Do it anyways?"


def walked(role: str, to: str, last: str, commands: tuple[tuple[str, int, str], ...] = ()) -> tuple[Line, ...]:
    """The steps up to this one, whose state is `last`; of the volume's step the commands are shown."""
    return _lines([step.code for step in steps(role)], to, last, commands)


def way_back(to: str, last: str, commands: tuple[tuple[str, int, str], ...] = ()) -> tuple[Line, ...]:
    return _lines([step.code for step in undo.STEPS], to, last, commands)


def _lines(codes: list[str], to: str, last: str, commands: tuple[tuple[str, int, str], ...]) -> tuple[Line, ...]:
    at = codes.index(to)
    return tuple(
        Line(
            code,
            STEPS[code],
            last if number == at else "done" if number < at else "waiting",
            commands if number == at else VOLUME if code == "volume" and number < at else (),
        )
        for number, code in enumerate(codes)
    )


PRIMARY = Pretended("primary", "running", 54, walked("primary", "server", "running"))
FAILED = Pretended(
    "primary",
    "failed",
    34,
    walked("primary", "volume", "failed", (VOLUME[0], ("drbdadm create-md --force r0", 40, BUSY))),
    "drbdadm ended with exit code 40: open(/dev/vdb1) failed: Device or resource busy",
)
SERVED = Pretended(
    "primary", "failed", 92, walked("primary", "serves", "failed"), "The cluster does not serve after five minutes."
)
UNTOUCHED = Pretended(
    "primary",
    "failed",
    0,
    walked("primary", "check", "failed"),
    "This machine is not as the answers say. /dev/sdb1 is in use (mounted, swap, or part of something larger).",
    untouched=True,
)
GIVING_UP = Pretended("primary", "running", 45, way_back("undo-volume", "running"), gives_up=True)
BACK_FAILED = Pretended(
    "primary",
    "failed",
    45,
    way_back("undo-volume", "failed", (("drbdadm down r0", 11, "r0: State change failed: Device is held open"),)),
    "drbdadm ended with exit code 11: r0: State change failed: Device is held open",
    gives_up=True,
)
ANSWERS = {
    "first": {"role": "primary", "name": "myrec1", "address": "192.168.2.11", "mask": "255.255.255.0"},
    "second": {"role": "secondary", "name": "myrec2", "address": "192.168.2.12", "mask": "255.255.255.0"},
    "floating": "192.168.2.10",
    "interface": "eth0",
    "device": "/dev/drbd0",
    "disk": "/dev/sdb1",
    "directory": "/recordings",
}


@dataclass(frozen=True, slots=True)
class Machine:
    """The served machine, and what may be pretended of it."""

    site: Site

    def open(self, page: Page, path: str = "/cluster/setup/") -> None:
        page.goto(self.site.address + path)

    def state(self, found: Pretended | None) -> None:
        if found is None:
            (self.site.data / FILE).unlink(missing_ok=True)
        else:
            write(self.site.data, found)

    def role(self, role: str, address: str | None = "127.0.0.1") -> None:
        with closing(sqlite3.connect(self.site.data / "node.sqlite3", timeout=30, isolation_level=None)) as known:
            known.execute(
                "UPDATE node_nodeidentity SET role = ?, address = ?, mask = 24, name = 'myrec1'", (role, address)
            )

    def keep(self, name: str, content: object | None) -> None:
        """A file of the pairing."""
        folder = self.site.data / "cluster"
        folder.mkdir(mode=0o700, exist_ok=True)
        if content is None:
            (folder / name).unlink(missing_ok=True)
        else:
            (folder / name).write_text(json.dumps(content))

    def bare(self) -> None:
        """As it was installed."""
        self.state(None)
        self.role("standalone", None)
        for name in ("answers.json", "peer.json", "offer.json"):
            self.keep(name, None)


@contextmanager
def machine(data: Path, port: int | None = None) -> Iterator[Machine]:
    """`port`: where it listens for the other machine; without it nobody does."""
    if port is not None:
        (data / "pairing-port").write_text(str(port))
    with site(data, 0, "tests.browser.set_up", "tests.browser.set_up_app") as served:
        yield Machine(served)


def sign_in(page: Page, here: Machine) -> None:
    here.open(page, "/sign-in/?next=/cluster/setup/")
    page.get_by_label("User name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def states(page: Page, here: Machine) -> Iterator[str]:
    """Brings the page into each state of the set-up, and gives its name."""
    yield from _primary(page, here)
    yield from _back(page, here)
    yield from _code(page, here)
    yield from _secondary(page, here)
    here.bare()


def _primary(page: Page, here: Machine) -> Iterator[str]:
    here.bare()
    here.open(page, "/cluster/")
    yield "cluster-alone"
    here.open(page)
    yield "setup"
    here.open(page, "/cluster/setup/primary/")
    yield "setup-primary"
    page.get_by_label("IP address, node 1").fill("192.168.2.11")
    page.get_by_label("IP name, node 1").fill("My Recorder")
    page.get_by_label("IP mask, node 2").fill("255.255.0.255")
    page.get_by_role("button", name="Check, and show what will be done").click()
    page.get_by_text("cannot be used: see what is said").wait_for()
    yield "setup-primary-faults"
    fill(page)
    page.get_by_role("button", name="Check, and show what will be done").click()
    page.get_by_role("button", name="Apply: set up the primary").wait_for()
    yield "setup-review"
    for name, found in (("setup-progress", PRIMARY), ("setup-failed", FAILED)):
        here.state(found)
        here.open(page)
        yield name


def _back(page: Page, here: Machine) -> Iterator[str]:
    here.bare()
    here.keep("answers.json", ANSWERS)
    here.state(UNTOUCHED)
    here.open(page)
    yield "setup-untouched"
    for name, found in (("setup-give-up", FAILED), ("setup-give-up-refused", SERVED)):
        here.state(found)
        here.open(page, "/cluster/setup/give-up/")
        yield name
    for name, found in (("setup-giving-up", GIVING_UP), ("setup-giving-up-failed", BACK_FAILED)):
        here.state(found)
        here.open(page)
        yield name
    here.state(None)
    here.open(page)
    yield "setup-given-up"


def _code(page: Page, here: Machine) -> Iterator[str]:
    here.bare()
    here.role("primary")
    here.keep("answers.json", ANSWERS)
    here.open(page)
    yield "setup-done"
    page.get_by_role("button", name="Show a code").click()
    page.get_by_role("button", name="Cancel the code").wait_for()
    yield "setup-code"
    here.keep("offer.json", None)
    here.keep("peer.json", {"node": "2", "name": "myrec2", "address": "192.168.2.12"})
    here.open(page)
    yield "setup-paired"


def _secondary(page: Page, here: Machine) -> Iterator[str]:
    here.bare()
    here.open(page, "/cluster/setup/secondary/")
    yield "setup-secondary"
    page.get_by_label("Address of the primary").fill("192.168.2.11")
    page.get_by_label("Pairing code").fill("ABCD-EFGH-IJKL")
    page.get_by_role("button", name="Pair", exact=True).click()
    page.get_by_text("eight groups of four letters and digits; copy").wait_for()
    yield "setup-secondary-faults"
    here.keep("answers.json", ANSWERS)
    here.keep("peer.json", {"node": "1", "name": "myrec1", "address": "192.168.2.11"})
    here.open(page, "/cluster/setup/secondary/")
    yield "setup-agreed"


def fill(page: Page) -> None:
    """The manual's example."""
    for number, name, address in (("1", "myrec1", "192.168.2.11"), ("2", "myrec2", "192.168.2.12")):
        page.get_by_label(f"IP name, node {number}").fill(name)
        page.get_by_label(f"IP address, node {number}").fill(address)
        page.get_by_label(f"IP mask, node {number}").fill("255.255.255.0")
    page.get_by_label("Floating IP address").fill("192.168.2.10")
    page.get_by_label("Partition for the recordings").fill("/dev/sdb1")


def _fill() -> None:
    import django  # noqa: PLC0415 -- only the process that fills needs it

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 -- after django.setup

    from apresa.accounts.domain import add_user  # noqa: PLC0415 -- after django.setup
    from tests.samples.cluster.kept import keep_alone  # noqa: PLC0415 -- after django.setup

    call_command("migrate", verbosity=0)
    add_user(username="anna", password=PASSWORD, role="administrator", by="tests")
    add_user(username="bob", password=PASSWORD, role="listener", by="tests")
    keep_alone(ago=-86_400)  # stays fresh for as long as the tests take


if __name__ == "__main__":
    _fill()
    json.dump({}, sys.stdout)
