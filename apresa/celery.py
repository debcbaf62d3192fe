"""The Celery application. Start a worker with `celery -A apresa worker -Q node,active`."""

import os

import structlog
from celery import Celery
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apresa.settings")
log = structlog.get_logger(__name__)
app = Celery("apresa")
app.config_from_object("django.conf:settings", namespace="CELERY")


def ring(task: str, *, queue: str) -> None:
    """Ring a worker: "look for work now". A lost ring costs time only, so a broker that is down is no error."""
    try:
        app.send_task(task, queue=queue, expires=60, retry=False, ignore_result=True)
    except (OSError, OperationalError):
        log.warning("The broker took no message; the work is found by time instead", task=task)
