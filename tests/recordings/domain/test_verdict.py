"""Why a dialog is, or is not, a recording: the pure decision."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.domain import verdict
from recordings.domain.verdict import Outcome, Reason, Seen, beginning_seen, decide
from recordings.models import Kept
from recordings.pipeline.spool.calls import NOT_RUNNING, Message
from recordings.pipeline.spool.policy import SWITCHED_OFF, WITHOUT_SIGNALLING
from tests.samples.spool import sip_call

HEARD = Seen(has_audio=True, packets=100, sides=2)
SILENT = Seen(why_no_audio="no RTP packets")
GAPS = st.sampled_from(["streams", "disk", "ring", "poison", "capture was not running"])
SEEN = st.builds(
    Seen,
    record=st.booleans(),
    rule=st.sampled_from(["", SWITCHED_OFF, WITHOUT_SIGNALLING, "Reception"]),
    answered=st.booleans(),
    begun=st.booleans(),
    has_audio=st.booleans(),
    why_no_audio=st.sampled_from(["", "no RTP packets", "encrypted (SRTP); no key", "no sound was sent"]) | st.text(),
    packets=st.integers(0, 10**9),
    sides=st.integers(0, 4),
    lost=st.integers(0, 9),
    gaps=st.frozensets(GAPS),
    missing=st.booleans(),
)
OF_RECORDED = {Reason.WHOLE, Reason.MID_CALL, Reason.IN_PART, Reason.ONE_SIDE}


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (HEARD, Reason.WHOLE),
        (replace(HEARD, begun=False), Reason.MID_CALL),
        (replace(HEARD, sides=1), Reason.ONE_SIDE),
        (replace(HEARD, sides=1, answered=False), Reason.WHOLE),  # only the called side plays early media
        (replace(HEARD, gaps=frozenset({"ring"}), lost=1), Reason.IN_PART),
        (replace(HEARD, gaps=frozenset({"ring"})), Reason.WHOLE),  # what was dropped was another call's
        (replace(HEARD, lost=5), Reason.WHOLE),  # the network lost them, and the call sounded so
        (replace(HEARD, gaps=frozenset({NOT_RUNNING})), Reason.IN_PART),
        (replace(HEARD, missing=True), Reason.IN_PART),
        (replace(HEARD, record=False, rule="Reception"), Reason.RULE),
        (replace(SILENT, record=False, rule=SWITCHED_OFF), Reason.SWITCHED_OFF),
        (replace(SILENT, record=False, rule=WITHOUT_SIGNALLING), Reason.WITHOUT_SIGNALLING),
        (SILENT, Reason.NO_MEDIA),
        (replace(SILENT, answered=False), Reason.NOT_ANSWERED),
        (replace(SILENT, gaps=frozenset({"streams"})), Reason.NO_ROOM),
        (replace(SILENT, gaps=frozenset({"disk", "ring"})), Reason.NO_ROOM),
        (replace(SILENT, gaps=frozenset({"capture was not running"})), Reason.NOT_HEARD),
        (replace(SILENT, missing=True), Reason.NOT_HEARD),
        (Seen(packets=9, why_no_audio="encrypted (SRTP); no key"), Reason.NO_KEY),
        (Seen(packets=9, why_no_audio="no sound was sent, only telephone events"), Reason.NO_SOUND),
        (Seen(why_no_audio="EVS cannot be decoded; its packets are kept"), Reason.NO_DECODER),  # of an older release
        (Seen(packets=9, why_no_audio="EVS cannot be decoded; its packets are kept"), Reason.NO_DECODER),
    ],
)
def test_each_case_has_its_reason(seen: Seen, reason: Reason) -> None:
    assert decide(seen).reason is reason


def test_all_that_is_to_be_said_of_a_recording_is_a_remark() -> None:
    found = decide(replace(HEARD, begun=False, sides=1, gaps=frozenset({"ring"})))
    assert (found.kept, found.reason) == (Outcome.RECORDED, Reason.MID_CALL)
    assert found.remarks == (Reason.MID_CALL, Reason.ONE_SIDE, Reason.IN_PART)


def test_a_rule_is_named() -> None:
    assert decide(replace(HEARD, record=False, rule="Reception")).detail == "Reception"


def test_the_outcomes_are_those_of_the_table() -> None:
    assert set(Outcome) == set(Kept.values)


@given(SEEN)
def test_recorded_is_said_exactly_where_a_recording_is_wanted_and_can_be_heard(seen: Seen) -> None:
    found = decide(seen)
    assert (found.kept is Outcome.RECORDED) == (seen.record and seen.has_audio)
    assert (found.reason in OF_RECORDED) == (found.kept is Outcome.RECORDED)
    assert len(found.reason) <= 20
    assert len(" ".join(found.remarks)) <= 200


@given(SEEN)
def test_no_fault_is_hidden_behind_whole(seen: Seen) -> None:
    if decide(seen).reason is Reason.WHOLE:
        assert seen.begun
        assert NOT_RUNNING not in seen.gaps
        assert not (seen.gaps and seen.lost)
        assert not seen.missing
        assert not (seen.answered and seen.sides == 1)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["INVITE sip:200@example.org SIP/2.0\r\nTo: <sip:200@example.org>\r\n\r\n"], True),
        (["INVITE sip:200@example.org SIP/2.0\r\nTo: <sip:200@example.org>;tag=a\r\n\r\n"], False),
        (["INVITE sip:200@example.org SIP/2.0\r\nt : <sip:200@example.org> ; TAG=a\r\n\r\n"], False),
        (["SIP/2.0 180 Ringing\r\nTo: <sip:200@example.org>;tag=a\r\n\r\n"], False),
        (["SIP/2.0 100 Trying\r\n\r\n", "INVITE sip:200@example.org SIP/2.0\r\n\r\n"], True),
        ([], True),
    ],
)
def test_a_dialog_without_its_first_invite_is_known(texts: list[str], expected: bool) -> None:
    messages = tuple(Message(1, "192.0.2.1:5060", "192.0.2.2:5060", "udp", text) for text in texts)
    assert beginning_seen(replace(sip_call(), messages=messages)) is expected


@given(st.text())
def test_any_text_of_a_message_is_bearable(text: str) -> None:
    message = Message(1, "192.0.2.1:5060", "192.0.2.2:5060", "udp", text)
    assert beginning_seen(replace(sip_call(), messages=(message,))) in {True, False}


def test_a_damaged_and_a_joined_dialog_are_no_recordings_of_their_own() -> None:
    assert (verdict.DAMAGED.kept, verdict.JOINED.kept) == (Outcome.NOT_RECORDED, Outcome.JOINED)
