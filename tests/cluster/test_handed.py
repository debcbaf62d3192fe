"""What a recovery found in the old database, as people read it; and the other node's recovery on this one's page."""

from typing import Any

import pytest
from django.test import Client

from apresa import handover
from apresa.accounts.models import User
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job
from apresa.shared import clock
from cluster.catalogue.recovery import HANDED_COUNTS, HANDED_TOLD
from cluster.domain import tickets
from cluster.models import Observation
from cluster.queries.handed import handed, under_repair
from cluster.queries.history import RECOVERY
from cluster.queries.state import state
from cluster.told import Repairing, Told
from tests.samples.cluster.answers import healthy
from tests.samples.cluster.kept import keep

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
KEPT = "/database/db/main.before-0123abcd"
GIVEN = {"kept": KEPT, "trouble": "", "counts": {"audit": 3, "tombstone": 1}, "told": [], "given": True}
REPAIR = Repairing("north", "south", "copy-database", 40, going=True)


def said(**changes: Any) -> tuple[str, ...]:
    return handed(Job(kind=RECOVERY, result={"handed": {**GIVEN, **changes}}))


def test_what_was_merged_is_counted() -> None:
    assert said() == (
        "3 entries of the audit trail were known to the old database only.",
        "1 deletions of calls were known to the old database only.",
        "It was handed over to the active node, which merges it.",
    )
    assert said(given=False)[-1] == (
        "It lies ready on this node, and is handed over by itself as soon as the active node takes it."
    )


def test_what_could_not_be_read_names_the_kept_database() -> None:
    assert said(trouble="the log is damaged", counts={}) == (
        "The old database of this node could not be read (the log is damaged). What it alone knew was not handed over; "
        f"it is kept in {KEPT} until the next recovery.",
    )


def test_nothing_is_said_plainly_too() -> None:
    assert said(counts={}) == ("The old database of this node knew nothing that the active one lacks.",)
    assert (handed(Job(result=None)), handed(Job(result={"steps": []}))) == ((), ())


def test_what_is_not_merged_is_listed_for_the_administrator() -> None:
    told = [
        {"kind": "setting", "key": "audio.format", "values": {"there": "wav", "here": "flac"}},
        {"kind": "user", "key": "carla", "values": {"what": "only there"}},
        {"kind": "user", "key": "bert", "values": {"what": "other there", "fields": ["is_active", "roles"]}},
        {"kind": "number", "key": "anna 100", "values": {"what": "only there"}},
    ]
    assert said(counts={"setting": 1, "user": 9, "number": 1}, told=told) == (
        "The setting audio.format was wav in the old database, and is flac now.",
        "The user carla existed in the old database only.",
        "The user bert was another one in the old database: is_active, roles.",
        "The old database let somebody see a number that they may not see now: anna 100.",
        f"7 further differences are listed in the audit trail, or in {KEPT}.",
    )


def test_every_kind_has_its_words() -> None:
    merged = {kind.name for kind in handover.kinds() if kind.take_in}
    told = {kind.name for kind in handover.kinds() if not kind.take_in}
    assert (merged, told) == (set(HANDED_COUNTS), set(HANDED_TOLD) - {"user-differs"})


def test_notes_and_holds_are_counted_and_texts_that_differ_are_shown() -> None:
    counts = {"hold": 1, "held": 3, "note": 2, "tag": 4, "note-text": 1}
    texts = {"there": "six", "here": "seven"}
    assert said(counts=counts, told=[{"kind": "note-text", "key": "x", "values": texts}]) == (
        "1 holds were known to the old database only, or changed there.",
        "3 calls under a hold were known to the old database only, or changed there.",
        "2 notes were known to the old database only, or changed there.",
        "4 tags were known to the old database only, or changed there.",
        "It was handed over to the active node, which merges it.",
        "A note was changed on both nodes, and the later text holds: six · seven",
    )


def test_the_report_tells_of_the_recovery_that_is_open() -> None:
    assert under_repair() is None
    ticket = tickets.open_ticket(case="failed-node", survivor="south", loser="north", by="anna")
    waiting = {"survivor": "south", "loser": "north", "step": "", "progress": 0, "going": False}
    assert under_repair() == waiting
    jobs.create(RECOVERY, scope="node", name="recover-node")
    job = jobs.claim([RECOVERY], scope="node")
    assert job is not None
    jobs.heartbeat(job, 40, "copy-database")
    assert under_repair() == {**waiting, "step": "copy-database", "progress": 40, "going": True}
    jobs.fail(job, "the other node hung up", retry=False)
    tickets.reach(ticket, "copy-database")
    assert under_repair() == {**waiting, "step": "copy-database"}
    tickets.close(ticket)
    assert under_repair() is None


@pytest.fixture
def told() -> None:
    keep()
    Observation.objects.update(at=clock.now(), told=Told(healthy(), None, REPAIR).to_json())


def page(name: str, *, administrator: bool = True) -> Any:
    client = Client()
    client.force_login(User.objects.create(username=name, is_superuser=administrator, is_staff=administrator))
    return client.get("/cluster/")


@pytest.mark.usefixtures("told")
def test_the_page_shows_the_other_nodes_recovery_with_its_progress() -> None:
    assert state().other_repair == REPAIR
    text = page("anna").content.decode()
    assert "south is being repaired from north" in text
    assert "Copying the database from the active node" in text
    assert '<progress max="100" value="40"' in text
    assert page("bert", administrator=False).status_code == 403


@pytest.mark.usefixtures("told")
def test_a_recovery_that_stands_still_has_no_bar() -> None:
    still = Repairing("north", "south", "copy-database", 0, going=False)
    Observation.objects.update(told=Told(healthy(), None, still).to_json())
    text = page("anna").content.decode()
    assert "It has not ended, and nothing is being done for it now. See the cluster’s page of south." in text
    assert "<progress" not in text
