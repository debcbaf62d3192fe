"""What the mirror report is made from: rows, the status file, the kernel, the other node."""

import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pytest_django.fixtures import DjangoAssertNumQueries

from apresa import services
from apresa.node.domain import identity
from apresa.shared import clock
from recordings.mirror.types import Heard
from recordings.mirror.types import Path as Way
from recordings.models import Call, Stream
from recordings.queries import mirror
from tests.browser.live import capture_running
from tests.samples.decisions import make_decision

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


def session() -> Path:
    return Path(settings.APRESA.spool) / "live"


def decision(number: int, **changes: Any) -> None:
    make_decision(number, **{"started": clock.now() - timedelta(minutes=5), **changes})


def stream(wrapping: str = "", *, seconds: float = 10, took: float | None = None, **figures: int) -> None:
    now = clock.now() - timedelta(hours=1)
    call = Call.objects.create(pk=uuid.uuid4(), protocol="sip", started=now, ended=now, end_reason="bye")
    last = now + timedelta(seconds=seconds if took is None else took)
    facts = {"wrapping": wrapping, "seconds": seconds, "first": now, "last": last, **figures}
    Stream.objects.create(call=call, position=0, ssrc="0x1", codec="PCMU", source="a", destination="b", **facts)


def test_calls_are_counted_by_what_was_seen_of_them() -> None:
    decision(1)
    decision(2, reason="one-side", remarks="one-side in-part")
    decision(3, reason="mid-call", remarks="mid-call one-side")
    decision(4, kept="not-recorded", reason="no-media")
    decision(5, kept="not-recorded", reason="no-key", packets=100)
    decision(6, kept="not-recorded", reason="not-answered", answered=False)
    decision(7, protocol="rtp")
    decision(8, protocol="rtp", kept="not-recorded", reason="without-signalling")
    decision(9, kept="not-recorded", reason="rule")
    decision(10, kept="not-recorded", reason="damaged", protocol="")
    decision(11, kept="joined", reason="same-call", protocol="rtp")
    decision(12, started=clock.now() - timedelta(hours=30))
    found = mirror.gather().calls
    assert (found.all, found.answered, found.silent, found.sounding) == (8, 5, 1, 4)
    assert (found.one_side, found.by_sound, found.mid_call) == (2, 2, 1)
    assert mirror.gather(31).calls.all == 9


def test_calls_of_the_other_node_only_are_counted() -> None:
    own = str(identity().uuid)
    decision(1, node=own, heard_by=own)
    decision(2, node=own, heard_by="other")
    decision(3, node=own, heard_by=f"other {own}")
    assert mirror.gather().calls.only_other == 1


def test_streams_are_summed_by_how_they_came() -> None:
    stream("vlan 100", packets=1000, lost=5, duplicates=7)
    stream("vlan 100", packets=500)
    stream(packets=10)
    found = mirror.gather().streams
    assert (found.packets, found.lost, found.duplicates) == (1510, 5, 7)
    assert sorted(found.paths, key=str) == [Way("", 1, 10), Way("vlan 100", 2, 1500)]


def test_the_clock_is_compared_by_long_streams_alone() -> None:
    for _ in range(4):
        stream(seconds=1000, took=1000.98)
    stream(seconds=100, took=200)
    assert mirror.gather().streams.skew_ppm is None
    stream(seconds=1000, took=5000)  # its sender jumped: one of many does not count
    assert mirror.gather().streams.skew_ppm == 1000


def test_the_status_file_is_read_and_without_it_nothing_is_known() -> None:
    assert mirror.gather().capture.running is False
    with capture_running(session(), []):
        found = mirror.gather().capture
    assert (found.running, found.packets, found.ports[0].name, found.ports[0].received) == (
        True,
        184_203,
        "eth1",
        184_203,
    )


@pytest.mark.parametrize("value", [-1, "x", None, True, 1 << 80, 1.5, [1]])
def test_a_damaged_counter_is_none(value: object) -> None:
    session().mkdir(parents=True, exist_ok=True)
    path = session() / "status.json"
    path.write_text(json.dumps({"fragments": value, "interfaces": [{"name": "../..", "received": value}, 3]}))
    try:
        found = mirror.gather().capture
    finally:
        path.unlink()
    assert (found.fragments, found.ports[0].received, found.ports[0].mtu) in {(0, 0, None), (1, 1, None)}
    assert (found.fragments == 1) is (value is True)


def test_the_kernel_tells_of_an_interface(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "eth1"
    (folder / "statistics").mkdir(parents=True)
    (folder / "mtu").write_text("1600\n")
    (folder / "statistics" / "rx_missed_errors").write_text("7\n")
    (folder / "statistics" / "rx_fifo_errors").write_text("none\n")
    monkeypatch.setattr(mirror, "NET", tmp_path)
    with capture_running(session(), []):
        port = mirror.gather().capture.ports[0]
    assert (port.mtu, port.missed) == (1600, 7)


def test_the_other_nodes_ears_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_pairs", [lambda: (10, 20, 59)])
    assert mirror.gather().heard == Heard(10, 20, 59)
    monkeypatch.setattr(services, "_pairs", [])
    assert mirror.gather().heard is None


@pytest.mark.parametrize("count", [1, 20])
def test_as_many_questions_for_many_calls(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(1, count + 1):
        decision(number)
        stream(f"vlan {number}", seconds=600)
    identity()
    with django_assert_num_queries(3):  # calls; streams by wrapping; long ones
        mirror.gather()
