"""The schedule: every entry names a queue and a task that exists."""

from apresa.celery import app
from worker.schedule import SCHEDULE


def test_every_periodic_task_names_its_queue_and_exists() -> None:
    app.loader.import_default_modules()
    for name, entry in SCHEDULE.items():
        assert entry["options"]["queue"] in {"node", "active"}, name
        assert entry["options"]["expires"] <= entry["schedule"], name
        assert entry["task"] in app.tasks, name
