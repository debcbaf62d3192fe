"""Replies of psql and pg_controldata."""

import pytest
from hypothesis import given

from cluster.readers.postgres import read_control, read_postgres, read_receiver, read_standbys
from cluster.readers.reply import ReplyError
from cluster.types import ControlData, NotRunning, Postgres, Receiver, Standby
from tests.samples.cluster.damage import damaged, read_or_refuse
from tests.samples.cluster.replies import CONTROL, NO_RECEIVER, POSTGRES, RECEIVER, STANDBYS


def test_the_role_of_the_server_is_read() -> None:
    assert read_postgres(POSTGRES) == Postgres(in_recovery=False, received=None, replayed=None)
    assert read_postgres("t|1/3000060|0/FF\n") == Postgres(in_recovery=True, received=0x103000060, replayed=0xFF)


@pytest.mark.parametrize("text", ["", "x|0/1|0/1", "t|0/1", "t|0/G|0/1", "t|0/123456789|0/1"])
def test_a_role_that_nobody_understands_is_refused(text: str) -> None:
    with pytest.raises(ReplyError):
        read_postgres(text)


def test_a_standby_is_behind_by_what_it_has_not_flushed() -> None:
    (standby,) = read_standbys(STANDBYS)
    assert standby == Standby("south", "streaming", "async", 0x3000100, 0x3000000)
    assert (standby.streaming, standby.behind) == (True, 0x100)


def test_a_standby_that_has_reported_nothing_yet_is_behind_by_an_unknown_amount() -> None:
    (standby,) = read_standbys("application_name,state,sync_state,sent_lsn,flush_lsn\nsouth,startup,async,,\n")
    assert (standby.streaming, standby.behind) == (False, None)


def test_a_primary_without_standby_has_no_row() -> None:
    assert read_standbys(STANDBYS.partition("\n")[0] + "\n") == ()


def test_the_receiver_tells_how_far_the_clocks_are_apart() -> None:
    assert read_receiver(RECEIVER) == Receiver("streaming", 5, 0x103000060, 2.75)


def test_a_receiver_that_has_heard_nothing_yet_tells_no_times() -> None:
    assert read_receiver(NO_RECEIVER + "starting,,,,\n") == Receiver("starting", None, None, None)


def test_a_primary_has_no_receiver() -> None:
    assert read_receiver(NO_RECEIVER) == NotRunning("This server receives from nobody.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        RECEIVER + RECEIVER.splitlines()[1],
        RECEIVER + "too,few\n",
        RECEIVER.replace("status,", "state,"),
        RECEIVER.replace("2026-03-02 10:00:03.25+00", "yesterday"),
        RECEIVER.replace("2026-03-02 10:00:03.25+00", "2026-03-02 10:00:03"),
        RECEIVER.replace("streaming,5", "streaming,-5"),
        RECEIVER.replace("streaming,5", '"streaming,5'),
    ],
)
def test_a_receiver_that_nobody_understands_is_refused(text: str) -> None:
    with pytest.raises(ReplyError):
        read_receiver(text)


def test_the_files_tell_system_state_and_timeline() -> None:
    assert read_control(CONTROL) == ControlData("7700000000000000001", "in production", 5)


@given(damaged(POSTGRES))
def test_any_role_is_read_or_refused(text: str) -> None:
    assert read_or_refuse(read_postgres, text) in {True, False}


@given(damaged(STANDBYS, RECEIVER))
def test_any_table_is_read_or_refused(text: str) -> None:
    assert {read_or_refuse(read_standbys, text), read_or_refuse(read_receiver, text)} <= {True, False}


@given(damaged(CONTROL))
def test_any_control_data_are_read_or_refused(text: str) -> None:
    assert read_or_refuse(read_control, text) in {True, False}
