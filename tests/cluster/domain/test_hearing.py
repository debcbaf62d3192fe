"""What the two nodes heard, as the mirror report asks for it."""

import json

import pytest

from apresa import services
from cluster.domain.hearing import heard_by_both
from cluster.models import Observation
from cluster.replies import Replies
from cluster.told import Told
from tests.samples.cluster import replies
from tests.samples.cluster.answers import healthy
from tests.samples.cluster.kept import keep, keep_alone, said

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]


def heard(*minutes: tuple[int, int]) -> str:
    return json.dumps({**json.loads(replies.SERVICES), "heard": [list(minute) for minute in minutes]})


def both(here: str, there: str) -> None:
    told = Told(Replies("south", 1_000_000.0, healthy(services=said(there)).results))
    Observation.objects.filter(pk=keep(services=said(here)).pk).update(told=told.to_json())


def test_nobody_compares_before_the_first_look_or_alone() -> None:
    assert heard_by_both() is None
    keep_alone()
    assert heard_by_both() is None


def test_without_the_other_nodes_word_nothing_is_compared() -> None:
    keep(services=said(heard((1, 5))))
    assert heard_by_both() is None


def test_only_minutes_in_which_both_listened_count() -> None:
    both(heard((1, 5), (2, 7), (3, 100)), heard((2, 3), (1, 1), (4, 100)))
    assert heard_by_both() == (12, 4, 2)


def test_the_mirror_report_asks_here() -> None:
    both(heard((1, 5)), heard((1, 6)))
    assert services.heard_by_both() == (5, 6, 1)
