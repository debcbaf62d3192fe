"""The project as a Django app: its templates, static files and system checks."""

from importlib import import_module

from django.apps import AppConfig


class ApresaConfig(AppConfig):
    name = "apresa"

    def ready(self) -> None:
        import_module("apresa.checks")
        for room in ("audit", "config", "accounts"):
            import_module(f"apresa.{room}.handing")
