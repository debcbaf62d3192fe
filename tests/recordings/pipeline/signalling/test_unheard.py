"""Calls in progress while the machine was off."""

from recordings.pipeline.spool.journal import Kind, facts_payload
from tests.samples.signalling import ALICE_MEDIA, BOB_MEDIA, START_NS, Story

SECOND = 10**9


def in_progress_at_a_power_cut() -> Story:
    """Answered at second 1, heard until 5, and deaf until 35."""
    story = Story()
    story.answered()
    story.stream("before", ALICE_MEDIA, BOB_MEDIA)
    story.time += 4
    since = story.now_ns
    story.time += 30
    story.put(Kind.BOOT, facts_payload(boot="b2", since_ns=since))
    return story


def test_call_that_ended_while_the_machine_was_off_ends_where_it_was_heard_last() -> None:
    story = in_progress_at_a_power_cut()
    story.wait(59)
    assert story.calls() == []
    story.wait(2)
    [call] = story.calls()
    assert (call.end_reason, call.ended_ns) == ("timeout", START_NS + 5 * SECOND)
    assert [binding.stream for binding in call.streams] == ["before"]


def test_call_whose_sound_goes_on_is_in_progress() -> None:
    story = in_progress_at_a_power_cut()
    story.stream("after", ALICE_MEDIA, BOB_MEDIA)
    story.wait(600)
    assert story.calls() == []
    story.bye()
    story.wait(3)
    [call] = story.calls()
    assert (call.end_reason, [binding.stream for binding in call.streams]) == ("bye", ["before", "after"])


def test_call_whose_sound_came_and_went_again_is_in_progress() -> None:
    story = in_progress_at_a_power_cut()
    story.stream("after", ALICE_MEDIA, BOB_MEDIA)
    story.time += 10
    story.close("after")
    story.wait(600)
    assert story.calls() == []


def test_call_whose_signalling_goes_on_is_in_progress() -> None:
    story = in_progress_at_a_power_cut()
    story.time += 5
    story.request("INFO", cseq=2, tags=("a", "b"))
    story.wait(600)
    assert story.calls() == []


def test_call_that_begins_after_the_start_is_not_asked() -> None:
    story = in_progress_at_a_power_cut()
    story.answered("call-2")
    story.wait(600)
    assert [call.call_ids for call in story.calls()] == [("call-1",)]


def test_a_second_power_cut_before_anything_is_heard_changes_no_end() -> None:
    story = in_progress_at_a_power_cut()
    since = story.now_ns
    story.time += 20
    story.put(Kind.BOOT, facts_payload(boot="b3", since_ns=since))
    story.wait(61)
    [call] = story.calls()
    assert (call.end_reason, call.ended_ns) == ("timeout", START_NS + 5 * SECOND)
