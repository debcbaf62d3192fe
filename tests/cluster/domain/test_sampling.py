"""Samples: taken from fresh looks only, kept for a month, shown to administrators."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from cluster.domain.sampling import take_sample
from cluster.models import HealthSample
from tests.apresa.accounts.people import anna, bob
from tests.recordings.api.test_calls import client_of
from tests.recordings.pages.test_calls import signed_in
from tests.samples.cluster import replies
from tests.samples.cluster.kept import keep, keep_alone, said
from tests.samples.read_only import read_only_database
from worker.tasks import cluster as tasks

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
API = "/api/v1/cluster/health/"


def table() -> str:
    out = io.StringIO()
    call_command("cluster_health", stdout=out)
    return out.getvalue()


def test_a_look_becomes_a_sample() -> None:
    keep(drbd_proc=said(replies.PROC_SYNC))
    tasks.sample()
    row = HealthSample.objects.get()
    assert (row.behind, row.percent, row.active, row.ready) == (256, 43.0, "north", False)


@pytest.mark.parametrize("how", ["never", "old", "alone"])
def test_what_nobody_saw_is_no_sample(how: str) -> None:
    if how == "old":
        keep(ago=40)
    if how == "alone":
        keep_alone()
    assert take_sample() is None
    assert HealthSample.objects.count() == 0


def test_samples_are_kept_for_a_month() -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as now:
        for days in (0, 29, 2):
            now.shift(timedelta(days=days))
            keep()
            take_sample()
    assert HealthSample.objects.count() == 2


def test_the_last_day_stands_on_the_page_in_the_api_and_in_the_shell() -> None:
    user = anna()
    assert table() == "There is no sample of the last day. See whether the worker runs.\n"
    keep()
    assert "The last 24 hours" not in signed_in(user).get("/cluster/").content.decode()
    take_sample()
    assert table().splitlines()[1].split()[2:6] == ["1", "0", "0", "256"]
    page = signed_in(user).get("/cluster/").content.decode()
    assert "The last 24 hours" in page
    (hour,) = client_of(user).get(API).json()
    assert (hour["samples"], hour["behind"], hour["percent"], hour["unready"]) == (1, 256, 100.0, 0)


def test_it_is_for_administrators_also_on_the_read_only_secondary() -> None:
    assert Client().get(API).status_code == 401
    assert client_of(bob()).get(API).status_code == 403
    client = client_of(anna())
    with read_only_database():
        assert client.get(API).json() == []
