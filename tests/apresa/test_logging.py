"""Structured logs."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from apresa.logging import configure

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    configure({"level": "info", "format": "json"})
    stream = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = before


def test_line_has_level_node_and_the_bound_call(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(call="0b1e"):
        structlog.get_logger("apresa.test").warning("The call has no audio", codec="EVS")
    (line,) = lines()
    facts = {name: line[name] for name in ("event", "level", "call", "codec", "logger")}
    assert facts == {
        "event": "The call has no audio",
        "level": "warning",
        "call": "0b1e",
        "codec": "EVS",
        "logger": "apresa.test",
    }
    assert {"node", "timestamp"} - set(line) == set()


def test_line_of_another_library_has_the_same_shape(lines: Lines) -> None:
    logging.getLogger("other").warning("hello %s", "world")
    assert [line["event"] for line in lines()] == ["hello world"]


def test_secrets_are_cut(lines: Lines) -> None:
    structlog.get_logger("apresa.test").info("signed in", password="open sesame", Token="apr_1")
    assert [(line["password"], line["Token"]) for line in lines()] == [("***", "***")]
