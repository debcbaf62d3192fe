"""The four sources of DRBD's state."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.readers.drbd import read_events, read_json, read_protocol, read_status
from cluster.readers.drbd_proc import major_version, read_proc
from cluster.readers.reply import ReplyError
from cluster.types import NotRunning
from tests.samples.cluster import replies, views
from tests.samples.cluster.damage import damaged, read_or_refuse

UNTOLD = replace(views.DRBD, protocol=None)
ALONE = replace(
    views.DRBD,
    connection=DrbdConnection.STANDALONE,
    replication=DrbdReplication.OFF,
    peer_role=DrbdRole.UNKNOWN,
    peer_disk=DrbdDisk.PEER_UNKNOWN,
)


@pytest.mark.parametrize(
    ("reader", "text", "expected"),
    [
        (read_proc, replies.PROC, views.DRBD),
        (read_proc, replies.PROC_ALONE, replace(ALONE, protocol=None, out_of_sync=40)),
        (
            read_proc,
            replies.PROC_SYNC,
            replace(
                views.DRBD,
                replication=DrbdReplication.SYNC_SOURCE,
                peer_disk=DrbdDisk.INCONSISTENT,
                out_of_sync=585780,
                percent=43.0,
                seconds_left=7800,
            ),
        ),
        (read_status, replies.STATUS, UNTOLD),
        (read_status, replies.STATUS_SHORT, replace(UNTOLD, suspended=None, out_of_sync=None)),
        (read_status, replies.STATUS_ALONE, replace(ALONE, suspended=None, protocol=None, out_of_sync=None)),
        (read_events, replies.EVENTS, UNTOLD),
        (read_json, replies.JSON, UNTOLD),
    ],
)
def test_each_source_is_read(reader: Callable[[str], object], text: str, expected: Drbd) -> None:
    assert reader(text) == expected


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (read_proc, replies.PROC.partition(" 0:")[0]),
        (read_proc, replies.PROC.partition(" 0:")[0] + " 0: cs:Unconfigured\n"),
        (read_status, ""),
        (read_events, "exists -\n"),
        (read_json, "[]\n"),
    ],
)
def test_a_resource_that_is_not_up_is_an_answer(reader: Callable[[str], object], text: str) -> None:
    assert isinstance(reader(text), NotRunning)


@pytest.mark.parametrize(
    ("word", "connection", "replication"),
    [
        ("WFConnection", DrbdConnection.CONNECTING, DrbdReplication.OFF),
        ("WFReportParams", DrbdConnection.CONNECTING, DrbdReplication.OFF),
        ("BrokenPipe", DrbdConnection.BROKEN_PIPE, DrbdReplication.OFF),
        ("PausedSyncT", DrbdConnection.CONNECTED, DrbdReplication.PAUSED_TARGET),
        ("VerifyS", DrbdConnection.CONNECTED, DrbdReplication.VERIFY_SOURCE),
        ("Ahead", DrbdConnection.CONNECTED, DrbdReplication.AHEAD),
        ("Dancing", DrbdConnection.UNKNOWN, DrbdReplication.UNKNOWN),
        ("Established", DrbdConnection.UNKNOWN, DrbdReplication.UNKNOWN),  # no word of 8.4
        ("Off", DrbdConnection.UNKNOWN, DrbdReplication.UNKNOWN),
    ],
)
def test_the_one_word_of_the_old_drbd_becomes_two(
    word: str, connection: DrbdConnection, replication: DrbdReplication
) -> None:
    drbd = read_proc(replies.PROC.replace("cs:Connected", f"cs:{word}"))
    assert isinstance(drbd, Drbd)
    assert (drbd.connection, drbd.replication) == (connection, replication)


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (read_status, replies.STATUS.replace("UpToDate", "Splendid")),
        (read_events, replies.EVENTS.replace("UpToDate", "Splendid")),
        (read_json, replies.JSON.replace("UpToDate", "Splendid")),
        (read_proc, replies.PROC.replace("UpToDate", "Splendid")),
    ],
)
def test_a_word_never_seen_is_unknown(reader: Callable[[str], object], text: str) -> None:
    drbd = reader(text)
    assert isinstance(drbd, Drbd)
    assert (drbd.disk, drbd.peer_disk) == (DrbdDisk.UNKNOWN, DrbdDisk.UNKNOWN)


def test_a_connection_that_just_ends_is_not_called_connected() -> None:
    drbd = read_status("r0 role:Primary\n  disk:UpToDate\n  peer role:Unknown\n\n")
    assert isinstance(drbd, Drbd)
    assert drbd.connection is DrbdConnection.UNKNOWN


def test_suspended_io_is_seen_by_each_source() -> None:
    found = [
        read_proc(replies.PROC.replace("C r-----", "C s-----")),
        read_status(replies.STATUS.replace("suspended:no", "suspended:no-data")),
        read_events(replies.EVENTS.replace("suspended:no", "suspended:user")),
        read_json(replies.JSON.replace('"suspended": false', '"suspended": true')),
    ]
    assert [isinstance(drbd, Drbd) and drbd.suspended for drbd in found] == [True] * 4


def test_the_progress_of_a_sync_is_read_from_json() -> None:
    resource = json.loads(replies.JSON)
    resource[0]["connections"][0]["peer_devices"][0] |= {"done": 12.34, "estimated-seconds-to-finish": 99}
    drbd = read_json(json.dumps(resource))
    assert isinstance(drbd, Drbd)
    assert (drbd.percent, drbd.seconds_left) == (12.34, 99)


@pytest.mark.parametrize(
    ("reader", "text", "words"),
    [
        (read_proc, replies.PROC_9, "DRBD 9 is asked by drbdsetup"),
        (read_proc, "", "does not begin with DRBD's version"),
        (read_proc, replies.PROC + replies.PROC.splitlines()[2].replace(" 0:", " 1:") + "\n", "two devices"),
        (read_proc, replies.PROC.replace("oos:", "soo:"), "nobody understands"),
        (read_status, replies.STATUS + "  west connection:Connecting\n", "two of connection"),
        (read_status, "what is this", "no role or no disk"),
        (read_events, replies.EVENTS.replace("exists -\n", ""), "break off"),
        (read_events, "change resource name:r0\nexists -\n", "an event that nobody understands"),
        (read_json, "{}", "one resource with one device"),
        (read_json, "[{}, {}]", "one resource with one device"),
        (read_json, '["x"]', "one resource with one device"),
        (read_json, replies.JSON.replace('"out-of-sync": 0', '"out-of-sync": -1'), "no number of kibibytes"),
    ],
)
def test_a_reply_that_is_not_ours_is_refused(reader: Callable[[str], object], text: str, words: str) -> None:
    with pytest.raises(ReplyError, match=words):
        reader(text)


def test_the_protocol_is_read_from_the_configuration() -> None:
    assert read_protocol(replies.SHOW) == "C"


@pytest.mark.parametrize("text", ["", replies.SHOW + "protocol A;"])
def test_a_configuration_without_one_protocol_is_refused(text: str) -> None:
    with pytest.raises(ReplyError):
        read_protocol(text)


def test_the_version_decides_which_source_is_asked() -> None:
    assert [major_version(replies.PROC), major_version(replies.PROC_9)] == [8, 9]


READERS = [read_proc, read_status, read_events, read_json, read_protocol]


@given(
    st.sampled_from(READERS),
    damaged(replies.PROC, replies.PROC_SYNC, replies.STATUS, replies.EVENTS, replies.JSON, replies.SHOW),
)
def test_any_text_is_read_or_refused(reader: Callable[[str], object], text: str) -> None:
    assert read_or_refuse(reader, text) in {True, False}
