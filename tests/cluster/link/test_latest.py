"""One look answers all who ask for it at the same time, and none who asks later."""

import pytest

from apresa.shared import clock
from cluster.domain import observing
from cluster.link.views_report import SHARED, Latest
from cluster.replies import Replies


def test_a_look_is_shared_for_a_moment_and_then_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also by those who waited for a slow one: the moment begins with its end."""
    now, looks = [100.0], [0.0]

    def ask(*_: object, **__: object) -> Replies:
        now[0] += 7.0
        looks[0] += 1.0
        return Replies("north", looks[0], {})

    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    monkeypatch.setattr(observing, "ask", ask)
    latest = Latest()
    assert [latest.replies().taken_at, latest.replies().taken_at] == [1.0, 1.0]
    now[0] += SHARED + 0.1
    assert latest.replies().taken_at == 2.0
