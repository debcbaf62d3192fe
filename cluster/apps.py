"""Two nodes."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClusterConfig(AppConfig):
    name = "cluster"
    verbose_name = _("Cluster")

    def ready(self) -> None:
        from cluster import options, section  # noqa: F401, PLC0415 -- they register themselves, once the apps are there
