"""`deploy/install` as root on machines as Debian leaves them, with systemd: one that works alone, one for a cluster."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.lab.cluster import __main__ as lab
from tests.lab.cluster import network
from tests.lab.cluster.configure import MANAGE
from tests.lab.cluster.drills_saved import import_calls
from tests.lab.cluster.node import Node
from tests.lab.cluster.place import why_not
from tests.lab.cluster.prepare import plain
from tests.lab.cluster.release import put_release
from tests.lab.cluster.tree import build

pytestmark = pytest.mark.cluster_lab

INSTALL = "/opt/apresa/deploy/install"
PLACES = "/etc /usr /var /run /tmp /srv /root /home /opt/apresa/deploy"
READY = """/opt/apresa/.venv/bin/python -c '
import sys, urllib.request
sys.exit(urllib.request.urlopen("http://127.0.0.1:8000/readyz", timeout=20).status != 200)'"""
# Every file that an installation could touch, with owner, mode, size and time; data and what runs have their own ways.
STATE = "find /etc /usr /srv /root /home -xdev -type f -printf '%p %u:%g %m %s %T@\\n' | sort"
ENABLED = "systemctl list-unit-files --state=enabled --no-legend"


@dataclass(frozen=True, slots=True)
class Installed:
    node: Node
    said: str

    def modes(self, *paths: str) -> dict[str, str]:
        lines = self.node.run("stat", "-c", "%n %U:%G %a", *paths).splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def holding(self, secret: str, *, by: str = "root") -> set[str]:
        """The files in which a user finds it."""
        words = ("runuser", "-u", by, "--") if by != "root" else ()
        found = self.node.run(*(*words, "grep", "-rlsF", "-e", secret, *PLACES.split()), seconds=300, check=False)
        return set(found.splitlines())


@pytest.fixture(scope="module")
def machines() -> Iterator[tuple[Installed, Installed]]:
    if why := why_not():
        pytest.skip(why)
    if any(node.process() for node in lab.NODES):
        pytest.fail("A lab is up on this machine; end it first: script/lab down")
    with lab.alone():
        try:
            build()
            network.make_hub()
            for node in lab.NODES:
                node.make_disk()
                plain(node)
                node.on()
            lone, first = lab.NODES
            yield _installed(lone), _installed(first, "--cluster")
        finally:
            lab.down()


def _installed(node: Node, *words: str) -> Installed:
    said = node.run(INSTALL, *words, seconds=300)
    node.wait(READY, 120)
    return Installed(node, said)


def test_the_units_run_and_begin_with_the_machine(machines: tuple[Installed, Installed]) -> None:
    for machine, more in zip(machines, ([], ["nginx"]), strict=True):
        units = ["apresa", "apresa-helper.socket", *more]
        for question, answer in (("is-enabled", "enabled"), ("is-active", "active")):
            said = machine.node.run("systemctl", question, *units).splitlines()
            assert said == [answer] * len(units)
    off = machines[0].node.run("systemctl", "is-enabled", "nginx", "pacemaker", "corosync", check=False)
    assert off.splitlines() == ["disabled"] * 3


def test_what_it_made_belongs_to_whom_it_should(machines: tuple[Installed, Installed]) -> None:
    expected = {
        "/etc/apresa": "root:root 755",
        "/etc/apresa/apresa.toml": "root:apresa 640",
        "/etc/systemd/system/apresa.service": "root:root 644",
        "/etc/systemd/system/pacemaker.service.d/apresa.conf": "root:root 644",
        "/usr/lib/ocf/resource.d/apresa/active": "root:root 755",
        "/var/lib/apresa": "apresa:apresa 750",
        "/var/lib/apresa/default.sqlite3": "apresa:apresa 600",
        "/var/lib/apresa/node.sqlite3": "apresa:apresa 600",
        "/var/lib/apresa/secret_key": "apresa:apresa 600",
        "/run/apresa-helper.sock": "apresa:apresa 600",
    }
    lone, first = machines
    assert lone.modes(*expected) == expected
    front = {
        "/etc/apresa/web.key": "root:root 600",
        "/etc/apresa/web.pem": "root:root 600",
        "/etc/nginx/sites-available/apresa": "root:root 644",
        "/etc/systemd/system/apresa-web.service.d/front.conf": "root:root 644",
    }
    assert first.modes(*expected, *front) == expected | front


def test_nobody_else_can_read_a_secret(machines: tuple[Installed, Installed]) -> None:
    first = machines[1]
    secret_key = first.node.run("cat", "/var/lib/apresa/secret_key").strip()
    web_key = first.node.run("sed", "-n", "2p", "/etc/apresa/web.key").strip()
    assert min(len(secret_key), len(web_key)) > 30
    assert first.holding(secret_key) == {"/var/lib/apresa/secret_key"}
    assert first.holding(web_key) == {"/etc/apresa/web.key"}
    assert first.holding(secret_key, by="nobody") | first.holding(web_key, by="nobody") == set()
    found = first.node.run("runuser", "-u", "nobody", "--", "find", "/var/lib/apresa", check=False)
    assert found.splitlines() == ["/var/lib/apresa"]


def test_the_first_password_is_printed_and_kept_nowhere(machines: tuple[Installed, Installed]) -> None:
    first = machines[1]
    shown = re.search(r"(?m)^Sign in as admin with (\S{20})$", first.said)
    assert shown is not None
    assert first.holding(shown[1]) == set()
    check = "from apresa.accounts.models import User; print(User.objects.get().check_password(input()))"
    said = first.node.run("sh", "-c", f"{MANAGE} shell -v 0 -c '{check}'", stdin=f"{shown[1]}\n")
    assert said.split()[-1] == "True"
    assert "Sign in as" not in machines[0].said


def test_a_lone_machine_listens_for_itself_and_one_for_a_cluster_by_https(
    machines: tuple[Installed, Installed],
) -> None:
    lone, first = (
        sorted(set(re.findall(r"(?m)^\S+ +\S+ +\S+ +(\S+):(\d+) ", machine.node.run("ss", "-Hltn"))))
        for machine in machines
    )
    assert lone == [("127.0.0.1", "8000")]
    assert first == [
        *(("0.0.0.0", port) for port in ("443", "80")),
        ("127.0.0.1", "8000"),
        *(("[::]", port) for port in ("443", "80")),
    ]


def test_a_second_run_says_and_changes_nothing(machines: tuple[Installed, Installed]) -> None:
    for machine, words in zip(machines, ([], ["--cluster"]), strict=True):
        before = [machine.node.sh(one, check=False) for one in (STATE, ENABLED)]
        assert machine.node.run(INSTALL, *words, seconds=300) == ""
        machine.node.wait(READY, 120)
        assert [machine.node.sh(one, check=False) for one in (STATE, ENABLED)] == before


def test_a_new_release_begins_to_run_with_settings_and_calls_as_they_were(
    machines: tuple[Installed, Installed],
) -> None:
    for machine in machines:
        node = machine.node
        settings = node.run("cat", "/etc/apresa/apresa.toml") + 'language = "nl"\n'
        node.sh("printf 'language = \"nl\"\\n' >>/etc/apresa/apresa.toml")
        node.sh(f"{MANAGE} setting capture.silence_timeout 77", seconds=60)
        calls = import_calls(node)
        node.sh("echo '# of an older release' >>/etc/systemd/system/apresa.service")
        key, process = node.run("cat", "/var/lib/apresa/secret_key"), _process(node)
        put_release(node, "0.1.1")
        said = node.run(INSTALL, seconds=300).splitlines()
        assert said == ["/etc/systemd/system/apresa.service"]
        node.wait(READY, 120)
        assert _process(node) != process
        assert node.run("cat", "/etc/apresa/apresa.toml") == settings
        assert node.run("cat", "/var/lib/apresa/secret_key") == key
        assert node.sh(f"{MANAGE} setting capture.silence_timeout", seconds=60).split()[-1] == "77"
        assert _calls(node) == sorted(calls)


def _process(node: Node) -> str:
    return node.run("systemctl", "show", "-p", "MainPID", "--value", "apresa").strip()


def _calls(node: Node) -> list[str]:
    ids = (
        "import json; from recordings.models import Call; "
        'print(json.dumps([str(one) for one in Call.objects.values_list("pk", flat=True)]))'
    )
    return sorted(json.loads(node.sh(f"{MANAGE} shell -v 0 -c '{ids}'", seconds=60).splitlines()[-1]))
