"""The pages of the cluster."""

from django.urls import path

from cluster.pages import setup, setup_give_up, setup_pairing
from cluster.pages.bandwidth import link, link_test
from cluster.pages.cluster import act, cluster, part
from cluster.pages.fencing import fencing
from cluster.pages.recorder import progress as recorder_progress
from cluster.pages.recorder import recorder
from cluster.pages.recovery import progress, recovery
from cluster.pages.witness import witness

urlpatterns = [
    path("cluster/", cluster, name="cluster"),
    path("cluster/state/", part, name="cluster-state"),
    path("cluster/act/<slug:name>/", act, name="cluster-act"),
    path("cluster/setup/", setup.overview, name="cluster-setup"),
    path("cluster/setup/primary/", setup.primary, name="cluster-setup-primary"),
    path("cluster/setup/progress/", setup.progress_part, name="cluster-setup-progress"),
    path("cluster/setup/again/", setup.again, name="cluster-setup-again"),
    path("cluster/setup/give-up/", setup_give_up.give_up, name="cluster-setup-give-up"),
    path("cluster/setup/secondary/", setup_pairing.secondary, name="cluster-setup-secondary"),
    path("cluster/setup/pairing/", setup_pairing.pairing_part, name="cluster-setup-pairing"),
    path("cluster/setup/forget/", setup_pairing.forget, name="cluster-setup-forget"),
    path("cluster/setup/code/", setup_pairing.code, name="cluster-setup-code"),
    path("cluster/witness/", witness, name="cluster-witness"),
    path("cluster/fencing/", fencing, name="cluster-fencing"),
    path("system/recorder/", recorder, name="recorder"),
    path("system/recorder/progress/", recorder_progress, name="recorder-progress"),
    path("cluster/link/", link, name="cluster-link"),
    path("cluster/link/test/", link_test, name="cluster-link-test"),
    path("cluster/recovery/", recovery, name="cluster-recovery"),
    path("cluster/recovery/progress/", progress, name="cluster-recovery-progress"),
]
