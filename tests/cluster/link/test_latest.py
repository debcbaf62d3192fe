"""One look answers all who ask for it at the same time, and none who asks later."""

import threading

import pytest

from apresa.shared import clock
from cluster.domain import observing
from cluster.link.views_report import SHARED, Latest
from cluster.replies import Replies


def test_a_look_is_shared_for_a_moment_and_then_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now, looks = [100.0], 0

    def ask(*_: object, **__: object) -> Replies:
        nonlocal looks
        looks += 1
        return Replies("north", float(looks), {})

    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    monkeypatch.setattr(observing, "ask", ask)
    latest = Latest()
    assert [latest.replies().taken_at, latest.replies().taken_at] == [1.0, 1.0]
    now[0] += SHARED + 0.1
    assert latest.replies().taken_at == 2.0


def test_who_waited_for_a_slow_look_is_answered_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, go_on, looks = threading.Event(), threading.Event(), []

    def ask(*_: object, **__: object) -> Replies:
        looks.append(1)
        asked.set()
        assert go_on.wait(30)
        return Replies("north", float(len(looks)), {})

    monkeypatch.setattr(observing, "ask", ask)
    latest, found = Latest(), []
    threads = [threading.Thread(target=lambda: found.append(latest.replies())) for _ in range(3)]
    threads[0].start()
    assert asked.wait(30)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert [one.taken_at for one in found] == [1.0, 1.0, 1.0]
