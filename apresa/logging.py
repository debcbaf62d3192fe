"""Structured logs: one JSON object per line, or coloured text on a terminal; node and call bound by context."""

import logging
import logging.config
import socket
import sys
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponseBase

SECRETS = ("password", "secret", "token", "authorization", "cookie")


def configure(wanted: dict[str, Any]) -> None:
    """Set logging up; `wanted` has level (debug … error) and format (auto, json, console)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_node,
        _cut_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    console = wanted["format"] == "console" or (wanted["format"] == "auto" and sys.stderr.isatty())
    last = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    before = [] if console else [structlog.processors.format_exc_info]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *before, last],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(wanted["level"].upper())


class RequestLogMiddleware:
    """Each line that a request logs carries the request's own id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with structlog.contextvars.bound_contextvars(request_id=uuid.uuid4().hex[:12]):
            return self.get_response(request)


def _add_node(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    event.setdefault("node", socket.gethostname())
    return event


def _cut_secrets(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    return {name: "***" if name.lower() in SECRETS else value for name, value in event.items()}
