"""Which machine this is."""

from django.apps import AppConfig


class NodeConfig(AppConfig):
    name = "apresa.node"

    def ready(self) -> None:
        from apresa.node import section  # noqa: F401, PLC0415 -- it registers itself, once the apps are there
