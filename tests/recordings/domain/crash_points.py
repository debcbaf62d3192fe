"""A program: settle is killed before each step that touches disk or database, started again, and must come to the same.

Prints one line of JSON: how many places there were, and what was wrong after which.
"""

import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connections  # noqa: E402 -- after the set-up
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402

from apresa.layout import MARKER  # noqa: E402
from recordings.domain import attempts, scratch  # noqa: E402
from recordings.domain.claim import clear_streams  # noqa: E402
from recordings.domain.coverage import packets as packet_count  # noqa: E402
from recordings.domain.deletion import delete_call  # noqa: E402
from recordings.domain.lookup import coverage_of  # noqa: E402
from recordings.domain.obsolete import erase_deleted, erase_obsolete  # noqa: E402
from recordings.domain.place import Place  # noqa: E402
from recordings.domain.settle import settle  # noqa: E402
from recordings.models import Call, Tombstone, Version, Why  # noqa: E402
from recordings.store import Library, open_library, sha256_of  # noqa: E402
from tests.samples.decisions import ledger_faults  # noqa: E402
from tests.samples.spool import InProcess, live, make_place, packets, rtp_call, sip_call, spool  # noqa: E402

KILLED = 137
LATER = 60 * 60 * 10**9
STEPS = (
    (os, "fsync"), (os, "rename"), (os, "replace"), (os, "unlink"), (os, "mkdir"), (os, "rmdir"), (os, "ftruncate"),
    (Library, "_stage"), (BaseDatabaseWrapper, "_commit"), (shutil, "copyfileobj"),
)  # fmt: skip


class Failpoint:
    """Ends the process without a farewell before its n-th step."""

    def __init__(self, last: int) -> None:
        self.left = last

    def install(self) -> None:
        for owner, name in STEPS:
            setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            if self.left == 0:
                os._exit(KILLED)
            self.left -= 1
            return step(*arguments, **named)

        return counted


def use(root: Path) -> None:
    """Work with the databases in this folder."""
    for alias in ("default", "node"):
        connections[alias].close()
        connections.databases[alias].update({**scratch.MEMORY, "NAME": str(root / f"{alias}.sqlite3")})
        connections.databases[alias]["OPTIONS"] = {"transaction_mode": "IMMEDIATE"}
        del connections[alias]


def at(root: Path, known: Place) -> Place:
    """The place in a copy of its folder."""
    return replace(known, spool=root / "spool", library=root / "library", work=root / "work")


def prepared(root: Path, act: Callable[[Place], None]) -> Place:
    """One call stored with its first half; in the spool its second half, and a call of RTP alone at another time."""
    use(root)
    for alias in ("default", "node"):
        scratch._make_tables(alias)
    place = make_place(root)
    spool(live(place), sip_call(), {"caller": packets("caller", 0, 30), "callee": packets("callee", 0, 30)})
    settle(place, InProcess())
    spool(live(place), sip_call("000000000003"), {side: packets(side, 20, 30) for side in ("caller", "callee")})
    lone = rtp_call("000000000004", packets("caller", begin=0)[0][0] + LATER)
    spool(live(place), lone, {"caller": packets("caller", begin=lone.started_ns)})
    if act is deleted:
        settled(place)
    connections.close_all()
    return place


def settled(place: Place) -> None:
    """What the worker does, until nothing is left; with no waiting after failures."""
    attempts.BACK_OFF = (0.0, 0.0, 0.0, 0.0)
    for _ in range(4):
        settle(place, InProcess())
    with open_library(place.library, place.marker) as library:
        erase_obsolete(library)
    clear_streams(live(place))


def deleted(place: Place) -> None:
    for call in Call.objects.filter(protocol="sip"):
        delete_call(call, who="somebody", why=Why.PERSON)
    with open_library(place.library, place.marker) as library:
        erase_deleted(library)


def faults(place: Place, wanted: Counter[tuple[str, int]], graves: int) -> list[str]:
    """What is not as it must be."""
    said = []
    versions = list(Version.objects.all())
    found = Counter((version.call.protocol, packet_count(coverage_of(version))) for version in versions)
    if found != wanted or Call.objects.count() != len(versions):
        said.append(f"calls: {found}")
    if Tombstone.objects.count() != graves:
        said.append("tombstones")
    said += ledger_faults()
    said += [
        f"version {version}"
        for version in versions
        if version.number != version.call.version or sha256_of(place.library / version.file) != version.sha256
    ]
    named = {name for version in versions for name in version.files()} | {MARKER}
    files = {str(path.relative_to(place.library)) for path in place.library.rglob("*") if path.is_file()}
    left = [path for name in ("calls", "streams") for path in (place.spool / "live" / name).iterdir()]
    left += list(place.work.iterdir())
    said += [f"not named: {files - named}"] * (files > named) + [f"missing: {named - files}"] * (not named <= files)
    return said + [f"left: {path}" for path in left]


def in_child(work: Callable[[], int]) -> int:
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    status = 1
    try:
        status = work()
    finally:
        os._exit(status)


def crash_everywhere(act: Callable[[Place], None], wanted: Counter[tuple[str, int]], graves: int) -> dict[str, Any]:
    wrong: dict[int, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template"
        template.mkdir()
        original = prepared(template, act)
        number, finished = -1, False
        while not finished:
            number += 1
            root = Path(folder) / str(number)
            shutil.copytree(template, root)
            place = at(root, original)

            def crash(root: Path = root, place: Place = place, number: int = number) -> int:
                use(root)
                Failpoint(number).install()
                act(place)
                return 0

            def again(root: Path = root, place: Place = place) -> int:
                use(root)
                act(place)
                (root / "faults.json").write_text(json.dumps(faults(place, wanted, graves)))
                return 0

            finished = in_child(crash) == 0
            ended = in_child(again)
            said = (
                json.loads((root / "faults.json").read_text()) if ended == 0 else [f"the second run ended with {ended}"]
            )
            if said:
                wrong[number] = said
            shutil.rmtree(root)
    return {"places": number, "wrong": wrong}


if __name__ == "__main__":
    if sys.argv[1] == "settle":
        outcome = crash_everywhere(settled, Counter({("sip", 100): 1, ("rtp", 50): 1}), 0)
    else:
        outcome = crash_everywhere(deleted, Counter({("rtp", 50): 1}), 1)
    print(json.dumps(outcome))
