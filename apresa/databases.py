"""Django's database settings for both databases."""

from pathlib import Path
from typing import Any

from apresa.env import Settings, SettingsError
from apresa.secret import database_password

# A dead server must be noticed by a person who waits for a page, not by the kernel's two hours.
CONNECT_TIMEOUT = 3
_DEAD_PEER = {"connect_timeout": CONNECT_TIMEOUT, "tcp_user_timeout": 5000, "keepalives_idle": 10}


def databases(settings: Settings) -> dict[str, dict[str, Any]]:
    """The value of Django's DATABASES. Raises SettingsError."""
    default = _postgresql(settings) if settings.mode == "full" else _sqlite(settings.default_database)
    return {"default": default, "node": _sqlite(settings.node_database)}


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "timeout": 30,
            # A transaction that reads and then writes must not find out at the write that another was faster.
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
        "TEST": {"NAME": str(path.with_name(f"test_{path.name}"))},
    }


def _postgresql(settings: Settings) -> dict[str, Any]:
    if settings.database_url:
        parts = _parse(settings.database_url.get_secret_value())
    else:
        parts = {
            "dbname": settings.database_name,
            "user": settings.database_user,
            "password": database_password(settings),
            "host": settings.database_host,
            "port": str(settings.database_port or ""),
        }
    return {
        "ENGINE": "apresa.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {**_DEAD_PEER, **parts},
    }


def _parse(url: str) -> dict[str, str]:
    from psycopg import ProgrammingError, conninfo  # noqa: PLC0415 -- embedded mode loads no PostgreSQL library

    try:
        parts = {name: str(value) for name, value in conninfo.conninfo_to_dict(url).items()}
    except ProgrammingError:
        parts = {}
    if not parts.get("dbname"):
        raise SettingsError(
            "The setting database_url is no address of a PostgreSQL database; "
            "write postgresql://user:password@host:5432/name, or postgresql:///name?host=/run/postgresql."
        )
    return parts
