"""Two nodes."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClusterConfig(AppConfig):
    name = "cluster"
    verbose_name = _("Cluster")

    def ready(self) -> None:
        from apresa import nodelink, replicated, services  # noqa: PLC0415 -- with the next ones
        from cluster import options, section  # noqa: F401, PLC0415 -- they register themselves, once the apps are there
        from cluster.domain.hearing import heard_by_both  # noqa: PLC0415 -- it reads a model
        from cluster.domain.other import other_name  # noqa: PLC0415 -- as the next one
        from cluster.link.client import peer_link  # noqa: PLC0415 -- the pairing's files are a matter of the apps

        nodelink.register(peer_link)
        replicated.name_standby(other_name)
        services.compare_heard_by(heard_by_both)
