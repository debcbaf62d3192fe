"""What people and programs are told when the cluster's database is read-only or absent."""

import json

import psycopg
import pytest
from django.db.utils import InternalError, OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from apresa.node import domain as node
from apresa.troubles import DatabaseTroubleMiddleware

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def answer(method: str, path: str, sqlstate: str, accept: str = "text/html") -> HttpResponse | None:
    error = (InternalError if sqlstate == "25006" else OperationalError)("refused")
    error.__cause__ = psycopg.errors.lookup(sqlstate)("refused")
    request = RequestFactory(headers={"accept": accept}).generic(method, path)
    return DatabaseTroubleMiddleware(lambda _request: HttpResponse()).process_exception(request, error)


@pytest.mark.parametrize(
    ("method", "path", "sqlstate", "status"),
    [
        ("POST", "/calls/", "25006", 409),
        ("GET", "/calls/", "08006", 200),
        ("POST", "/calls/", "08006", 409),
        ("GET", "/api/v1/calls/", "57P01", 503),
        ("POST", "/api/v1/calls/", "25006", 409),
        ("POST", "/calls/", "53100", 507),
    ],
)
def test_trouble_has_this_status(method: str, path: str, sqlstate: str, status: int) -> None:
    response = answer(method, path, sqlstate)
    assert response is not None
    assert response.status_code == status


def test_program_learns_where_the_primary_is() -> None:
    node.join_as_secondary("recorder-1")
    response = answer("POST", "/api/v1/calls/", "25006")
    assert response is not None
    assert json.loads(response.content) == {
        "code": "read-only",
        "message": "This machine only keeps a copy, so nothing can be changed here. Make the change on recorder-1.",
        "primary": "recorder-1",
    }


def test_program_that_wants_json_elsewhere_gets_json() -> None:
    response = answer("GET", "/calls/", "08006", accept="application/json")
    assert response is not None
    assert (response.status_code, response["Retry-After"]) == (503, "10")


def test_other_errors_stay_errors() -> None:
    assert answer("GET", "/calls/", "42P01") is None
