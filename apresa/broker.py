"""Celery's settings: a message is a doorbell, so what a broker loses is found again by a periodic task."""

from typing import Any

from apresa.env import PROJECT, Settings

LONGEST_TASK = 3600  # seconds; a redelivery sooner would run a task twice
# Without these a worker waits for ever on a Redis that went silent without closing its connections.
_SILENT_PEER = {
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "retry_on_timeout": True,
    "health_check_interval": 10,
}


def celery_settings(settings: Settings) -> dict[str, Any]:
    """Names and values for Django's settings, with Celery's prefix."""
    return {
        "CELERY_TASK_DEFAULT_QUEUE": "active",
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_TASK_SERIALIZER": "json",
        "CELERY_ACCEPT_CONTENT": ["json"],
        "CELERY_TIMEZONE": "UTC",
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
        "CELERY_BEAT_SCHEDULE_FILENAME": str(settings.run / "beat-schedule"),
        "CELERY_IMPORTS": _task_modules(),
        **(_full(settings) if settings.mode == "full" else _embedded(settings)),
    }


def _embedded(settings: Settings) -> dict[str, Any]:
    folder = str(settings.broker)
    return {
        "CELERY_BROKER_URL": "filesystem://localhost//",
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "data_folder_in": folder,
            "data_folder_out": folder,
            "control_folder": str(settings.run / "control"),
            "polling_interval": 0.1,
        },
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 4,
    }


def _full(settings: Settings) -> dict[str, Any]:
    url = settings.redis_url.get_secret_value() if settings.redis_url else ""
    return {
        "CELERY_BROKER_URL": url.replace("unix://", "redis+socket://", 1) if url.startswith("unix://") else url,
        "CELERY_BROKER_TRANSPORT_OPTIONS": {"visibility_timeout": 2 * LONGEST_TASK, **_SILENT_PEER},
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
    }


def _task_modules() -> list[str]:
    """The worker's task modules by name: a web process sends tasks without importing them."""
    folder = PROJECT / "worker"
    tasks = sorted(f"worker.tasks.{path.stem}" for path in (folder / "tasks").glob("[!_]*.py"))
    return tasks + (["worker.schedule"] if (folder / "schedule.py").exists() else [])
