"""A BYE that the mirror lost, and its answer."""

from recordings.pipeline.spool.calls import CallFile
from recordings.pipeline.spool.policy import Policy
from tests.samples.signalling import ALICE_MEDIA, BOB_MEDIA, Story, sdp


def the_call(story: Story, policy: Policy | None = None) -> CallFile:
    [call] = story.calls(policy)
    return call


def test_call_whose_bye_the_mirror_lost_ends_with_its_answer() -> None:
    story = Story()
    story.answered()
    story.wait(10)
    story.response(200, method="BYE", cseq=2)
    story.wait(3)
    call = the_call(story)
    assert (call.end_reason, call.ended_by) == ("bye", "caller")


def test_answer_to_the_bye_of_one_fork_leaves_the_other() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.response(200, sdp(BOB_MEDIA), tags=("a", "b1"))
    story.response(200, sdp("192.0.2.3:6000"), tags=("a", "b2"))
    story.request("BYE", tags=("a", "b1"), cseq=2)
    story.response(200, tags=("a", "b1"), method="BYE", cseq=2)
    story.wait(30)
    assert story.calls() == []


def test_refused_bye_ends_nothing() -> None:
    story = Story()
    story.answered()
    story.response(403, method="BYE", cseq=2)
    story.wait(30)
    assert story.calls() == []
