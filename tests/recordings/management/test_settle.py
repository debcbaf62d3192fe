"""The settle command: what waits is stored, and what was set aside gets another chance."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from apresa.node import domain as node
from recordings.domain import rendering
from recordings.domain.attempts import Attempts, write_attempts
from recordings.domain.claim import settling
from recordings.domain.here import here
from recordings.models import Call
from recordings.pipeline.spool.layout import Session
from tests.recordings.api.test_parts import Opened
from tests.samples.spool import sip_call, spool

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(rendering, "_provided", [Opened])
    monkeypatch.setitem(settings.APRESA.__dict__, "spool", tmp_path)
    live = Session(tmp_path / "live")
    live.create(here().node)
    spool(live, replace(sip_call(), node=here().node))
    return live


def test_what_waits_is_stored(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("settle")
    assert capsys.readouterr().out == "1 calls settled, 0 failed, 0 left in the spool.\n"
    assert Call.objects.count() == 1


def test_a_call_that_was_set_aside_is_tried_again_only_when_asked(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    write_attempts(session.call("000000000001"), Attempts(started=3, deaths=3, set_aside=True))
    call_command("settle")
    assert capsys.readouterr().out == "0 calls settled, 0 failed, 1 left in the spool.\n"
    call_command("settle", "--again")
    assert capsys.readouterr().out == "1 calls settled, 0 failed, 0 left in the spool.\n"


def test_beside_a_worker_that_settles_it_says_so(session: Session) -> None:
    with settling(settings.APRESA.spool), pytest.raises(CommandError, match="settling right now"):
        call_command("settle")


def test_a_secondary_stores_nothing(session: Session) -> None:
    node.join_as_secondary("recorder-1")
    with pytest.raises(CommandError, match="active node"):
        call_command("settle")
    assert Call.objects.count() == 0
