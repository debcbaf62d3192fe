"""Addresses of the cluster in the REST API."""

from django.urls import path

from cluster.api import acts, bandwidth, fencing, health, pairing, recorder, recovery, setup, state, witness

urlpatterns = [
    path("v1/cluster/", state.ClusterState.as_view(), name="api-cluster"),
    path("v1/cluster/acts/", acts.Acts.as_view(), name="api-cluster-acts"),
    path("v1/cluster/acts/<uuid:job_id>/", acts.OneAct.as_view(), name="api-cluster-act"),
    path("v1/cluster/setup/", setup.Setup.as_view(), name="api-cluster-setup"),
    path("v1/cluster/setup/again/", setup.SetupAgain.as_view(), name="api-cluster-setup-again"),
    path("v1/cluster/setup/give-up/", setup.SetupGiveUp.as_view(), name="api-cluster-setup-give-up"),
    path("v1/cluster/pairing/", pairing.Pairing.as_view(), name="api-cluster-pairing"),
    path("v1/cluster/pairing/join/", pairing.Join.as_view(), name="api-cluster-join"),
    path("v1/cluster/health/", health.ClusterHealth.as_view(), name="api-cluster-health"),
    path("v1/cluster/link/", bandwidth.ClusterLink.as_view(), name="api-cluster-link"),
    path("v1/cluster/witness/", witness.ClusterWitness.as_view(), name="api-cluster-witness"),
    path("v1/cluster/fencing/", fencing.ClusterFencing.as_view(), name="api-cluster-fencing"),
    path("v1/recorder/restart/", recorder.RecorderRestart.as_view(), name="api-recorder-restart"),
    path("v1/recorder/restart/<uuid:job_id>/", recorder.OneRecorderRestart.as_view(), name="api-recorder-restart-job"),
    path("v1/cluster/recovery/", recovery.Recovery.as_view(), name="api-cluster-recovery"),
    path("v1/cluster/recovery/<uuid:job_id>/", recovery.OneRecovery.as_view(), name="api-cluster-recovery-job"),
]
