"""A recovery as a job: compared, refused or begun, done step by step, cut short and gone on with, ended by itself."""

import pytest

from apresa.audit.models import Entry
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job, State
from cluster.domain import acting, recovering, tickets
from cluster.domain.comparing import compare_now
from cluster.domain.observing import look
from cluster.models import Ticket
from cluster.preflight import Act
from cluster.queries.history import RECOVERY
from cluster.queries.recovery import Choice, choice, ticket_open
from cluster.recovery.plan import Way
from cluster.types import Result
from tests.fakes.recovery import PASSIVE, STANDBY, FailedNode
from tests.samples.cluster import replies
from tests.samples.cluster.kept import keep, said
from worker.tasks import cluster as tasks

pytestmark = [
    pytest.mark.django_db(databases=["default", "node"]),
    pytest.mark.usefixtures("platform", "on_north", "nothing_of_its_own"),
]
BEFORE = ["database-stop", "database-again", "database-swap", "agent-marks"]
AFTER = ["pacemaker", "ban", "refresh", "refresh"]
READ = ["kept-open", "kept-close", "kept-read"]
END = ["refresh", "refresh", "clear-ban", "promotable"]
APART = replies.PROC_ALONE.replace("Primary/Unknown", "Secondary/Unknown")


def chosen(node: FailedNode) -> Choice:
    return choice(compare_now(node))


def recover(node: FailedNode) -> Job:
    keep()
    recovering.ask(chosen(node), by="anna", address="192.0.2.9")
    job = recovering.recover_next(node)
    assert job is not None
    return job


def actions() -> list[str]:
    return [entry.action for entry in Entry.objects.using("node").filter(action__startswith="cluster-").order_by("id")]


def test_a_failed_node_comes_back_in_one_job() -> None:
    node = FailedNode()
    job = recover(node)
    assert (job.state, job.error, node.done) == (State.DONE, "", [*BEFORE, *AFTER, *READ, *END])
    ticket = Ticket.objects.get()
    assert (ticket.case, ticket.survivor, ticket.loser, ticket.destroyed) == ("failed-node", "south", "north", True)
    assert (ticket.step, ticket.closed_at is not None, ticket_open()) == ("done", True, False)
    assert actions() == ["cluster-recovery", "cluster-recovery-done"]


def test_a_parted_copy_of_the_recordings_gives_way() -> None:
    node = FailedNode(drbd_proc=said(APART))
    job = recover(node)
    assert (job.state, job.error) == (State.DONE, "")
    assert node.done == [*BEFORE, *AFTER, *READ, "recordings-discard", *END]


def test_what_is_not_active_is_no_source() -> None:
    keep()
    found = chosen(FailedNode(other_database=said(STANDBY)))
    with pytest.raises(recovering.Refused) as caught:
        recovering.ask(found, by="anna")
    assert found.way is None
    assert str(caught.value) == ("south is the one to go on: repair it there first, then come back to this node.")
    assert (Job.objects.using("node").count(), actions()) == (0, ["cluster-recovery-refused"])


def test_the_job_compares_again_before_anything_is_done() -> None:
    keep()
    node = FailedNode()
    recovering.ask(chosen(node), by="anna")
    node.now(other_database=said(STANDBY))
    job = recovering.recover_next(node)
    assert job is not None
    assert (job.state, node.done, Ticket.objects.count()) == (State.FAILED, [], 0)
    assert job.error.startswith("It was not done.")


def test_a_copy_that_fails_leaves_the_old_database_and_an_open_ticket() -> None:
    node = FailedNode(changes={"database-again": lambda _node: Result((), 1, "", "the other node hung up\n")})
    job = recover(node)
    assert (job.state, job.error) == (State.FAILED, "python3 ended with exit code 1: the other node hung up")
    assert node.done == ["database-stop", "database-again"]
    ticket = tickets.current()
    assert ticket is not None
    assert (ticket.destroyed, ticket_open()) == (False, True)


def test_while_a_recovery_is_open_the_one_that_gives_way_does_not_join_by_itself() -> None:
    node = FailedNode(changes={"database-again": lambda _node: Result((), 1, "", "the other node hung up\n")})
    recover(node)
    look(node)
    with pytest.raises(acting.Refused, match="A recovery of north is open"):
        acting.ask(Act("join"), by="anna")


def test_asked_again_it_goes_on_under_the_same_ticket() -> None:
    broken = FailedNode(changes={"pacemaker": lambda _node: Result((), 1, "", "it does not start\n")})
    assert recover(broken).state == State.FAILED
    first = tickets.current()
    node = FailedNode()
    assert recover(node).state == State.DONE
    assert [one.pk for one in Ticket.objects.all()] == [first.pk if first else None]


def test_after_something_was_replaced_the_other_direction_is_refused() -> None:
    tickets.reach(tickets.open_ticket(case="failed-node", survivor="north", loser="south", by=""), "x", destroyed=True)
    keep()
    found = chosen(FailedNode())
    assert [one.code for one in found.reasons] == ["other-survivor"]
    with pytest.raises(tickets.OtherSurvivor):
        tickets.open_ticket(case="failed-node", survivor="south", loser="north", by="")


def test_before_anything_was_replaced_the_ticket_may_be_turned_round() -> None:
    first = tickets.open_ticket(case="split-brain", survivor="north", loser="south", by="")
    second = tickets.open_ticket(case="split-brain", survivor="south", loser="north", by="")
    first.refresh_from_db()
    assert (first.step, first.closed_at is not None, tickets.current()) == ("turned", True, second)


def test_a_copy_of_the_recordings_that_lasts_ends_the_job_and_the_worker_ends_the_recovery(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cluster.recovery.plan.COPIED", 0.2)
    monkeypatch.setattr("cluster.act.EVERY", 0.2)
    syncing = PASSIVE.replace("cs:Connected", "cs:SyncTarget").replace("UpToDate/UpToDate", "Inconsistent/UpToDate")

    def joined_while_it_copies(node: FailedNode) -> None:
        node.joined()
        node.now(drbd_proc=said(syncing))

    node = FailedNode(changes={"pacemaker": joined_while_it_copies})
    job = recover(node)
    assert (job.state, job.result["note"] if job.result else "") == (State.DONE, "copying-goes-on")
    assert (ticket_open(), "clear-ban" in node.done) == (True, False)
    assert recovering.tend(look(node)) is None  # not whole yet
    node.now(drbd_proc=said(PASSIVE))
    waiting = recovering.tend(look(node))
    assert waiting is not None
    assert recovering.tend(look(node)) is None  # one at a time
    done = recovering.recover_next(node)
    assert done is not None
    assert (done.pk, done.state, ticket_open()) == (waiting.pk, State.DONE, False)
    assert node.done[-4:] == END


def test_nothing_else_is_done_to_the_cluster_meanwhile() -> None:
    keep()
    node = FailedNode()
    recovering.ask(chosen(node), by="anna")
    assert [one.code for one in chosen(node).reasons] == ["under-way"]
    with pytest.raises(acting.Refused, match="Something else is being done to the cluster"):
        acting.ask(Act("maintenance-on"), by="anna")


def test_a_recovery_that_is_cancelled_stops() -> None:
    keep()
    node = FailedNode()
    job = recovering.ask(chosen(node), by="anna")
    Job.objects.using("node").update(cancel_requested=True)
    assert recovering.recover_next(node) == job
    assert (actions()[-1], node.done) == ("cluster-recovery-stopped", [])


def test_a_job_whose_worker_died_goes_on_where_it_was() -> None:
    keep()
    node = FailedNode()
    found = chosen(node)
    job = recovering.ask(found, by="anna")
    assert jobs.claim([RECOVERY], scope="node") == job
    ticket = tickets.open_ticket(case="failed-node", survivor="south", loser="north", by="anna")
    tickets.reach(ticket, "recordings", destroyed=True)
    node.joined()
    Job.objects.using("node").update(state=State.QUEUED, lease=None)
    done = recovering.recover_next(node)
    assert done is not None
    assert (done.state, done.error, node.done) == (State.DONE, "", [*READ, *END])


def test_the_task_does_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    keep()
    node = FailedNode()
    monkeypatch.setattr(tasks, "runner_here", lambda: node)
    recovering.ask(chosen(node), by="anna")
    tasks.recover()
    assert Job.objects.using("node").get(kind=RECOVERY).state == State.DONE


def test_the_ticket_is_unknown_without_this_machines_database(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db.utils import OperationalError  # noqa: PLC0415

    def gone() -> None:
        raise OperationalError

    monkeypatch.setattr(tickets, "current", gone)
    assert ticket_open() is None


def test_the_way_of_a_failed_node_is_done_on_that_node() -> None:
    found = chosen(FailedNode())
    assert (found.way, found.survivor, found.loser, found.address) == (Way.NODE, "south", "north", "192.0.2.2")
