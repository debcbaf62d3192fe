"""The worker as a Django app: its commands, and the render process that it provides to the calls."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "worker"

    def ready(self) -> None:
        from recordings.domain import rendering  # noqa: PLC0415 -- models load before this
        from worker.rendering import Renderer  # noqa: PLC0415

        rendering.provide(Renderer)
