"""Errors of the link: one shape, whatever happened."""

import json
import sqlite3

import pytest
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from worker.link.errors import ErrorMiddleware

REQUEST = RequestFactory().get("/link/v1/report")


def nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("{}")


def told(error: Exception) -> tuple[int, str]:
    answer = ErrorMiddleware(nothing).process_exception(REQUEST, error)
    return answer.status_code, json.loads(answer.content)["code"]


def test_a_change_where_the_database_only_keeps_a_copy_is_refused() -> None:
    copy = sqlite3.connect(":memory:")
    copy.execute("PRAGMA query_only = ON")
    with pytest.raises(sqlite3.OperationalError) as caught:
        copy.execute("CREATE TABLE calls (id)")
    copy.close()
    error = DatabaseError()
    error.__cause__ = caught.value
    assert told(error) == (409, "read-only")


def test_a_fault_of_ours_is_told_as_such_and_not_shown() -> None:
    assert told(ValueError("secret")) == (500, "failed")


def test_every_answer_tells_its_length() -> None:
    assert ErrorMiddleware(nothing)(REQUEST)["Content-Length"] == "2"


def test_an_address_that_nobody_knows_is_an_answer_of_the_same_shape() -> None:
    with override_settings(ROOT_URLCONF="worker.link.urls", MIDDLEWARE=["worker.link.errors.ErrorMiddleware"]):
        answer = Client().get("/link/v1/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown")
