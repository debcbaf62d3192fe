"""docs/manual.md names nothing that is not there."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import get_commands
from django.urls import resolve

from cluster.api.acts import WantedSerializer
from tests.lab.cluster.drills import NAMES

PROJECT = Path(__file__).parents[2]
COLUMNS = 6
ACTS = "/cluster/act/"


def rows() -> list[list[str]]:
    lines = (PROJECT / "docs" / "manual.md").read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")][2:]


ROWS = rows()


def named(column: int) -> list[str]:
    """What stands between backticks in a column, a drill with its word before it; each once."""
    return sorted({f"{drill}{name}" for row in ROWS for drill, name in re.findall(r"(drill )?`([^`]+)`", row[column])})


def test_each_row_has_all_columns_and_says_where_it_is_or_that_it_is_missing() -> None:
    assert [row for row in ROWS if len(row) != COLUMNS or not any(row[1:])] == []


def test_what_has_a_page_an_address_or_a_command_has_something_that_proves_it_or_a_gap() -> None:
    assert [row[0] for row in ROWS if any(row[1:4]) and not row[4] and not row[5]] == []


@pytest.mark.parametrize("address", named(1))
def test_the_page_is_there(address: str) -> None:
    found = resolve(address)
    assert (found.app_names, address.startswith("/api/")) == ([], False)


@pytest.mark.parametrize("act", [name.removeprefix(ACTS).strip("/") for name in named(1) if name.startswith(ACTS)])
def test_the_page_of_an_act_is_that_of_one_that_can_be_done(act: str) -> None:
    form = WantedSerializer(data={"act": act})
    form.is_valid()
    assert "act" not in form.errors


@pytest.mark.parametrize("request_line", named(2))
def test_the_api_answers_this_method_at_this_address(request_line: str) -> None:
    method, address = request_line.split()
    address = address.replace("/ID/", f"/{UUID(int=0)}/").replace("/NAME/", "/capture.interfaces/")
    view: Any = resolve(address).func
    assert (address.startswith("/api/v1/"), hasattr(view.cls, method.lower())) == (True, True)


@pytest.mark.parametrize("name", named(3))
def test_the_command_or_file_is_there(name: str) -> None:
    command = name.removeprefix("manage.py ")
    assert command in get_commands() if command != name else (PROJECT / name).exists()


@pytest.mark.parametrize("name", named(4))
def test_the_test_or_drill_is_there(name: str) -> None:
    drill = name.removeprefix("drill ")
    assert drill in NAMES if drill != name else name.startswith("tests/") and (PROJECT / name).exists()
