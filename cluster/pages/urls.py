"""The pages of the cluster."""

from django.urls import path

from cluster.pages.cluster import act, cluster, part
from cluster.pages.recovery import recovery

urlpatterns = [
    path("cluster/", cluster, name="cluster"),
    path("cluster/state/", part, name="cluster-state"),
    path("cluster/act/<slug:name>/", act, name="cluster-act"),
    path("cluster/recovery/", recovery, name="cluster-recovery"),
]
