"""The cluster's page: it follows what happens by itself, and an act goes from preview to job."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.samples.cluster.kept import MAINTENANCE

pytestmark = pytest.mark.browser
DATABASE = "node.sqlite3"


@contextmanager
def maintenance(data: Path) -> Iterator[None]:
    """The worker's next look sees maintenance mode; afterwards all is as it was, jobs included."""
    with closing(sqlite3.connect(data / DATABASE, timeout=30, isolation_level=None)) as database:
        (before,) = database.execute("SELECT report FROM cluster_observation").fetchone()
        report = json.loads(before)
        report["results"]["pacemaker"]["out"] = MAINTENANCE
        database.execute("UPDATE cluster_observation SET report = ?", (json.dumps(report),))
        try:
            yield
        finally:
            database.execute("UPDATE cluster_observation SET report = ?", (before,))
            database.execute("DELETE FROM jobs_job WHERE kind = 'cluster-act'")


def test_the_page_follows_and_an_act_is_begun(page: Page, shown: Site, faults: list[str]) -> None:
    page.get_by_role("link", name="Cluster", exact=True).click()
    sentence = page.get_by_role("heading", level=2).first
    expect(sentence).to_contain_text("north records.")
    with maintenance(shown.data):
        expect(sentence).to_contain_text("The cluster is in maintenance mode.", timeout=20_000)
        page.get_by_role("link", name="Maintenance mode off").click()
        expect(page.get_by_text("The cluster looks after its resources again")).to_be_visible()
        page.get_by_role("button", name="Maintenance mode off").click()
        expect(page.get_by_text("It has begun.")).to_be_visible()
        expect(page.get_by_role("region", name="Done from this machine")).to_contain_text("Queued")
    assert faults == []


def test_a_failed_action_leads_to_its_clean_up(page: Page, shown: Site) -> None:
    page.goto(f"{shown.address}/cluster/")
    page.get_by_role("link", name="Clean up address").click()
    expect(page.get_by_text("crm_resource --refresh -r address -N north")).to_be_visible()
    page.get_by_role("link", name="Do nothing").click()
    expect(page).to_have_url(f"{shown.address}/cluster/")
