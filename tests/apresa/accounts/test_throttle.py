"""Wrong passwords cost time."""

from datetime import timedelta

import pytest
import time_machine

from apresa.accounts import throttle

pytestmark = pytest.mark.django_db(databases=["default", "node"])
START = "2026-03-01T12:00:00Z"


def test_four_wrong_passwords_cost_nothing() -> None:
    for _ in range(4):
        throttle.failed("anna", "192.0.2.1")
    assert throttle.wait_left("anna", "192.0.2.1") == timedelta(0)


def test_each_wrong_password_after_the_fourth_doubles_the_wait() -> None:
    with time_machine.travel(START, tick=False):
        for _ in range(4):
            throttle.failed("anna", "192.0.2.1")
        waits = []
        for _ in range(7):
            throttle.failed("anna", "192.0.2.1")
            waits.append(throttle.wait_left("anna", "192.0.2.1").total_seconds())
    assert waits == [30, 60, 120, 240, 480, 900, 900]


def test_wait_ends_by_itself() -> None:
    with time_machine.travel(START, tick=False) as now:
        for _ in range(5):
            throttle.failed("anna", "192.0.2.1")
        now.shift(30)
        assert throttle.wait_left("anna", "192.0.2.1") == timedelta(0)


def test_another_place_and_another_person_do_not_wait() -> None:
    for _ in range(5):
        throttle.failed("anna", "192.0.2.1")
    waits = [throttle.wait_left("anna", "192.0.2.2"), throttle.wait_left("bob", "192.0.2.1")]
    assert waits == [timedelta(0), timedelta(0)]


def test_one_place_that_guesses_many_names_waits() -> None:
    for number in range(30):
        throttle.failed(f"name{number}", "192.0.2.1")
    assert throttle.wait_left("anna", "192.0.2.1") > timedelta(0)


def test_name_in_capitals_is_the_same_person() -> None:
    for name in ("anna", "Anna", "ANNA", "aNNa", " anna"):
        throttle.failed(name, "192.0.2.1")
    assert throttle.wait_left("anna", "192.0.2.1") > timedelta(0)


def test_right_password_forgets_the_wrong_ones() -> None:
    for _ in range(4):
        throttle.failed("anna", "192.0.2.1")
    throttle.succeeded("anna", "192.0.2.1")
    throttle.failed("anna", "192.0.2.1")
    assert throttle.wait_left("anna", "192.0.2.1") == timedelta(0)


def test_yesterdays_wrong_passwords_do_not_count() -> None:
    with time_machine.travel(START, tick=False) as now:
        for _ in range(4):
            throttle.failed("anna", "192.0.2.1")
        now.shift(timedelta(hours=25))
        throttle.failed("anna", "192.0.2.1")
        assert throttle.wait_left("anna", "192.0.2.1") == timedelta(0)
