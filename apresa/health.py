"""`/healthz`: this process answers. `/readyz`: what it needs is there. Rooms register their own checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connections
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, JsonResponse

from apresa import database
from apresa.accounts.backends import client_address
from apresa.database import DatabaseState
from apresa.layout import LibraryMissing
from apresa.node.domain import is_active, open_library
from apresa.shared import clock

GRACE = 60.0  # seconds
LOOPBACK = ("127.0.0.1", "::1")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `sentence` is English and for the operator."""

    ok: bool
    sentence: str


Check = Callable[[], Finding]
_checks: dict[str, Check] = {}
_inactive: list[float] = []


def register(name: str) -> Callable[[Check], Check]:
    """Add a check under a name; a check answers within a few seconds and raises nothing it knows of."""

    def add(check: Check) -> Check:
        _checks[name] = check
        return check

    return add


def findings() -> dict[str, Finding]:
    """Run all checks, in order of registration."""
    return run(_checks)


def run(checks: Mapping[str, Check]) -> dict[str, Finding]:
    return {name: _run(name, check) for name, check in checks.items()}


@login_not_required
def healthz(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"ok": True})


@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    found = findings()
    ok = all(finding.ok for finding in found.values())
    # The sentences name paths and servers: they are for people of the house.
    trusted = request.user.is_authenticated or client_address(request) in LOOPBACK
    checks = {
        name: {"ok": finding.ok, **({"detail": finding.sentence} if trusted else {})} for name, finding in found.items()
    }
    return JsonResponse({"ok": ok, "checks": checks}, status=200 if ok else 503)


def _run(name: str, check: Check) -> Finding:
    try:
        return check()
    except Exception:
        log.exception("A health check failed to run", check=name)
        return Finding(ok=False, sentence="The check itself failed; the log says why.")


@register("database")
def _database() -> Finding:
    state = database.state()
    # A standby is ready when it can read; the active machine must write.
    ok = state is DatabaseState.WRITABLE or (state is DatabaseState.READ_ONLY and not is_active())
    return Finding(ok, f"The cluster's database is {state.value}.")


@register("active")
def _active() -> Finding:
    """A takeover serves people first; who stays inactive beside a database of its own has a reason that people need."""
    if is_active() or database.state() is not DatabaseState.WRITABLE:
        _inactive.clear()
        return Finding(ok=True, sentence="This machine is active." if is_active() else "This machine stands by.")
    since = _inactive[0] if _inactive else clock.monotonic()
    _inactive[:] = [since]
    return Finding(
        ok=clock.monotonic() - since <= GRACE,
        sentence="The cluster's database is writable, but this machine is not active: calls wait in the spool.",
    )


@register("node-database")
def _node_database() -> Finding:
    try:
        with connections["node"].cursor() as cursor:
            cursor.execute("SELECT 1 FROM node_nodeidentity")
    except DatabaseError as error:
        return Finding(ok=False, sentence=f"This machine's database does not answer: {error}. Run manage.py migrate.")
    return Finding(ok=True, sentence="This machine's database answers.")


@register("broker")
def _broker() -> Finding:
    if settings.APRESA.mode == "embedded":
        ok = settings.APRESA.broker.is_dir()
        return Finding(
            ok,
            "The broker's directory is there." if ok else "The broker's directory is missing. Run manage.py migrate.",
        )
    import redis  # noqa: PLC0415 -- embedded mode loads no Redis library

    try:
        redis.Redis.from_url(_redis_url(), socket_timeout=2, socket_connect_timeout=2).ping()
    except redis.RedisError as error:
        return Finding(
            ok=False, sentence=f"Redis does not answer ({type(error).__name__}); work is found later, by time."
        )
    return Finding(ok=True, sentence="Redis answers.")


def _redis_url() -> str:
    url = settings.APRESA.redis_url
    return url.get_secret_value() if url else ""


@register("library")
def _library() -> Finding:
    if not is_active():
        return Finding(ok=True, sentence="This machine is not active, so it writes no library.")
    try:
        open_library(settings.APRESA.library)
    except LibraryMissing as error:
        return Finding(ok=False, sentence=str(error))
    return Finding(ok=True, sentence="The library is there.")
