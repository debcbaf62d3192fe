"""A recording over the real link: the other node's file, whole, in ranges, and gone on with where it was broken off."""

import hashlib
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from apresa.nodelink import LinkError
from cluster.link import connection
from tests.worker.link.nodes import Served, manage, serving

pytestmark = pytest.mark.embedded
CONTENT = hashlib.shake_256(b"sound").digest(3_000_001)
CALL = "12345678-1234-5678-1234-567812345678"
AUDIO = f"/link/v1/calls/{CALL}/audio?user=1"
MAKE = f"""
from django.utils import timezone
from apresa.accounts.models import User
from recordings.models import Call, Version
User.objects.create_superuser("anna", password="a long enough one", pk=1)
now = timezone.now()
call = Call.objects.create(pk="{CALL}", protocol="sip", caller="1", callee="2", started=now, answered=now, ended=now,
                           duration_ms=1, end_reason="bye", version=1)
Version.objects.create(call=call, number=1, file="a.flac", format="flac", size={len(CONTENT)}, sha256="0" * 64)
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The first machine has one recording in its library."""
    with serving(tmp_path_factory.mktemp("audio")) as one:
        manage(one.data, "migrate", "--database=default", "--verbosity=0")
        manage(one.data, "shell", "--verbosity=0", "-c", MAKE)
        (one.data / "library").mkdir(exist_ok=True)
        (one.data / "library" / "a.flac").write_bytes(CONTENT)
        yield one


def test_a_recording_comes_whole(served: Served) -> None:
    with served.link().stream(AUDIO) as found:
        assert (found.status, found.headers["content-type"]) == (200, "audio/flac")
        assert b"".join(found.chunks) == CONTENT


def test_a_range_is_what_was_asked_for(served: Served) -> None:
    with served.link().stream(AUDIO, headers={"Range": "bytes=1000000-1000009"}) as found:
        assert (found.status, found.headers["content-range"]) == (206, f"bytes 1000000-1000009/{len(CONTENT)}")
        assert b"".join(found.chunks) == CONTENT[1_000_000:1_000_010]


def test_a_download_goes_on_from_the_real_server(served: Served, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(CONTENT[:1_234_567])
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert served.link().download(AUDIO, to=tmp_path / "part", sha256=digest) == len(CONTENT)


def test_a_reader_that_leaves_in_the_middle_harms_nobody(served: Served) -> None:
    with served.link().stream(AUDIO) as found:
        next(found.chunks)
    with served.link().stream(AUDIO) as found:
        assert b"".join(found.chunks) == CONTENT


def test_a_server_that_is_stopped_costs_the_time_limit(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CONNECT", 0.5)
    served.server.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(LinkError, match="no answer in time"):
            served.link().get("/link/v1/report", seconds=1.0)
    finally:
        served.server.send_signal(signal.SIGCONT)


def test_a_cluster_database_that_is_away_is_an_answer(tmp_path: Path) -> None:
    """The report comes all the same, and a recording is refused in one sentence."""
    away = {
        "mode": "full",
        "database_url": "postgresql://apresa@127.0.0.1:1/apresa",
        "redis_url": "redis://127.0.0.1:1",
    }
    with serving(tmp_path, **away) as bare:
        assert bare.link().get("/link/v1/report")["replies"]["format"] == 1
        with pytest.raises(LinkError) as refused:
            bare.link().get(AUDIO)
    assert (refused.value.status, refused.value.sentence) == (503, "The other node's database cannot be reached.")
