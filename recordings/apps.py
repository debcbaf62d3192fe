"""The calls."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from recordings.pipeline.spool import keys


class RecordingsConfig(AppConfig):
    name = "recordings"
    verbose_name = _("Recordings")

    def ready(self) -> None:
        keys.use(settings.APRESA.spool_keys)
        import_module("recordings.domain.handing_acts")  # holds go before deletions
        import_module("recordings.domain.handing")
        import_module("recordings.domain.handing_evidence")
        import_module("recordings.domain.holding")
        import_module("recordings.health")
        import_module("recordings.options")
        import_module("recordings.queries.load")
