"""The Celery application. Start a worker with `celery -A apresa worker -Q node,active`."""

import os

import structlog
from celery import Celery
from celery.worker import state
from django.conf import settings
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apresa.settings")
log = structlog.get_logger(__name__)
app = Celery("apresa")
app.config_from_object("django.conf:settings", namespace="CELERY")


def stopping() -> bool:
    """Whether this worker was asked to end, and waits for what still runs."""
    wanted: object = state.should_stop  # None and False are "no", 0 is an exit code
    return wanted is not None and wanted is not False


# Who rings does not wait for a broker that is down.
_AT_ONCE = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "socket_connect_timeout": 2, "socket_timeout": 2}


def ring(task: str, *, queue: str) -> None:
    """Ring a worker: "look for work now". A lost ring costs time only, so a broker that is down is no error."""
    options = {**app.conf.broker_transport_options, **(_AT_ONCE if settings.APRESA.mode == "full" else {})}
    try:
        with app.connection_for_write(transport_options=options) as connection:
            app.send_task(task, queue=queue, expires=60, retry=False, ignore_result=True, connection=connection)
    except (OSError, OperationalError):
        log.warning("The broker took no message; the work is found by time instead", task=task)
