"""A program: both nodes' workers are killed before each step that touches disk or database, and start again.

Whatever was done by then, in the end every packet is stored once, certified, and in no spool any more (I1, I6).
Prints one line of JSON: how many places there were, and what was wrong after which.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.recordings.domain.crash_points import Failpoint, in_child, use  # first: it sets Django up

from django.apps import apps  # isort: skip
from django.db import connections  # isort: skip

from apresa.layout import MARKER
from recordings.domain import attempts
from recordings.domain.claim import clear_streams
from recordings.domain.coverage import packets as packet_count
from recordings.domain.here import here
from recordings.domain.lookup import coverage_of
from recordings.domain.offering import AGAIN, forget_broken_off
from recordings.models import Call, Certificate, Version
from recordings.pipeline.spool.layout import sessions
from recordings.store import sha256_of
from tests.samples.spool import packets, rtp_call, sip_call, spool
from tests.samples.two_nodes import TwoNodes, of
from tests.worker.tasks.test_offer import ToNorth
from worker.tasks import offer
from worker.tasks import settle as settle_tasks

LATER = 60 * 60 * 10**9


def prepared(root: Path) -> int:
    """North heard the first part of a call, South all of it and another one; both long ago."""
    use(root)
    for alias in ("default", "node"):
        with connections[alias].constraint_checks_disabled(), connections[alias].schema_editor() as editor:
            for model in apps.get_models():
                editor.create_model(model)
    two = TwoNodes(root, pytest.MonkeyPatch())
    spool(two.north.live, of(two.north, sip_call()), {"caller": packets("caller", 0, 30)})
    spool(two.south.live, of(two.south, sip_call("000000000003")))
    lone = rtp_call("000000000004", packets("caller", begin=0)[0][0] + LATER)
    spool(two.south.live, of(two.south, lone), {"caller": packets("caller", begin=lone.started_ns)})
    for path in two.south.live.calls.iterdir():
        os.utime(path, (1e9, 1e9))
    connections.close_all()
    return 0


def work(root: Path) -> TwoNodes:
    """What both nodes do by the clock, until nothing is left."""
    attempts.BACK_OFF = (0.0, 0.0, 0.0, 0.0)
    two = TwoNodes(root, pytest.MonkeyPatch())
    two.log = two.flushed = 0x1000
    two.ship()
    memory = offer.Memory()
    for _ in range(3):
        two.settle()
        two.certify()
        two.ship()
        two.now += AGAIN
        with two.standby(two.south):
            offer.work(two.south.spool, here().work, ToNorth(two), memory)
            two.release(two.south)
        settle_tasks.erase()
        two.release(two.north)
    for machine in (two.north, two.south):  # what `forget` does, later
        forget_broken_off(machine.spool, time.time() + 1)
        for session in sessions(machine.spool):
            clear_streams(session)
    return two


def faults(two: TwoNodes) -> list[str]:
    """What is not as it must be."""
    said = []
    versions = list(Version.objects.all())
    found = Counter((version.call.protocol, packet_count(coverage_of(version))) for version in versions)
    if found != Counter({("sip", 100): 1, ("rtp", 50): 1}) or Call.objects.count() != 2:
        said.append(f"calls: {found}")
    certified = set(Certificate.objects.values_list("call", "number"))
    said += [f"not certified: {one}" for one in versions if (one.call_id, one.number) not in certified]
    said += [f"file: {one}" for one in versions if sha256_of(two.library / one.file) != one.sha256]
    named = {name for version in versions for name in version.files()} | {MARKER}
    files = {str(path.relative_to(two.library)) for path in two.library.rglob("*") if path.is_file()}
    said += [f"missing: {named - files}"] * (not named <= files)
    for machine in (two.north, two.south):
        said += [f"{machine.name} keeps {path.name}" for path in machine.spool.rglob("*") if path.suffix in LEFT]
    return said


LEFT = {".call", ".stream", ".resolved"}


def crash_everywhere(stride: int) -> dict[str, object]:
    wrong: dict[int, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "root"
        template.mkdir()
        in_child(lambda: prepared(template))
        number, finished = 0, False
        while not finished:
            number += stride
            kept = Path(folder) / "kept"
            shutil.copytree(template, kept)

            def crash(number: int = number) -> int:
                use(template)
                Failpoint(number).install()
                work(template)
                return 0

            def again() -> int:
                use(template)
                (Path(folder) / "faults.json").write_text(json.dumps(faults(work(template))))
                return 0

            (Path(folder) / "faults.json").unlink(missing_ok=True)
            finished = in_child(crash) == 0
            ended = in_child(again)
            said = json.loads((Path(folder) / "faults.json").read_text()) if ended == 0 else [f"ended with {ended}"]
            if said:
                wrong[number] = said
            shutil.rmtree(template)
            kept.rename(template)  # always the same path: the spool's sessions are found by it
    return {"places": number, "wrong": wrong}


if __name__ == "__main__":
    print(json.dumps(crash_everywhere(int(sys.argv[1]))))
