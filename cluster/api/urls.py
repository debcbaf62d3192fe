"""Addresses of the cluster in the REST API."""

from django.urls import path

from cluster.api import acts, recovery, state

urlpatterns = [
    path("v1/cluster/", state.ClusterState.as_view(), name="api-cluster"),
    path("v1/cluster/acts/", acts.Acts.as_view(), name="api-cluster-acts"),
    path("v1/cluster/acts/<uuid:job_id>/", acts.OneAct.as_view(), name="api-cluster-act"),
    path("v1/cluster/recovery/", recovery.Recovery.as_view(), name="api-cluster-recovery"),
    path("v1/cluster/recovery/<uuid:job_id>/", recovery.OneRecovery.as_view(), name="api-cluster-recovery-job"),
]
