"""The witness of a set-up's answers: it gets its vote in the last step, and ends nothing where it does not."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from apresa.audit.models import Entry
from apresa.jobs import domain as jobs
from cluster.domain import setup_witness
from cluster.domain.setup_doing import Run
from cluster.queries.setup import KIND, setup_state
from cluster.setup.answers import Plan
from cluster.setup.orders import Secrets, Setting
from cluster.setup.steps import Work, steps
from cluster.setup.validate import check
from tests.fakes.machine import FakeMachine
from tests.fakes.pair import HOST, FakePair, Side
from tests.samples.cluster.set_up import GOOD

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
ANSWERS = replace(GOOD, witness=HOST)
SECRETS = Secrets(*("ab", "drbd", "word", "certificate", "authority", "key"))


def setting(role: str, witness: str = HOST) -> Setting:
    plan = check(replace(GOOD, witness=witness))
    assert isinstance(plan, Plan)
    return Setting(plan, role, SECRETS)


def add(monkeypatch: pytest.MonkeyPatch, pair: FakePair) -> dict[str, Any]:
    """What is kept with the step."""
    monkeypatch.setattr(setup_witness, "look", lambda _runner: pair.look())
    monkeypatch.setattr(setup_witness, "OtherNode", lambda: pair.door("south"))
    monkeypatch.setattr(setup_witness, "PATIENCE", 0.0)
    monkeypatch.setattr(setup_witness, "EVERY", 0.0)
    monkeypatch.setattr("cluster.witness_plan.SECONDS", 0.01)
    monkeypatch.setattr("cluster.act.EVERY", 0.01)
    jobs.create(KIND, scope="node", owner="anna", role="secondary", answers=asdict(ANSWERS))
    job = jobs.claim([KIND], scope="node")
    assert job is not None
    done: dict[str, Any] = {"witness": {"state": "running", "commands": []}}
    setup_witness.add(Run(job, pair.door("north"), setting("secondary"), ANSWERS, done, code="witness"), 1)
    return dict(done["witness"])


def audited() -> list[str]:
    return list(Entry.objects.using("node").values_list("action", flat=True))


def test_it_gets_its_vote_and_each_command_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = FakePair()
    kept = add(monkeypatch, pair)
    assert (pair.policy, pair.three(), kept["state"]) == ("stop", True, "running")
    assert [argv for argv, _code, _said in kept["commands"]] == [
        f"apresa-helper witness-reach {HOST}",
        f"apresa-helper witness-add {HOST}",
        "corosync-cfgtool -R",
        "apresa-helper witness-service on",
        "crm_attribute -t crm_config -n no-quorum-policy -v stop",
    ]
    assert audited() == ["cluster-setup-witness"]


def test_one_that_votes_already_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = FakePair(policy="stop", sides={name: Side(HOST, HOST, client=True) for name in ("north", "south")})
    assert add(monkeypatch, pair)["commands"] == []
    assert pair.done == []


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (FakePair(reachable=False), f"The witness {HOST} did not vote for both nodes"),
        (FakePair(fails=3), "A command gave no answer: It gave no answer."),
        (FakePair(sides={"north": Side("other"), "south": Side()}), "There is another witness: other."),
    ],
)
def test_one_that_does_not_vote_is_told_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, pair: FakePair, words: str
) -> None:
    kept = add(monkeypatch, pair)
    argv, code, said = kept["commands"][-1]
    assert (argv, code, kept["end"], pair.policy) == (f"witness-add {HOST}", -1, "failed", "ignore")
    assert words in said
    assert audited() == ["cluster-setup-witness-failed"]


def test_only_the_second_machine_adds_it_and_only_where_there_is_one() -> None:
    last = steps("secondary")[-1]
    seen = FakeMachine().seen()
    assert last.next(setting("secondary"), seen, frozenset()) == Work("witness")
    assert last.next(setting("secondary"), seen, frozenset({"witness"})) is None
    assert last.next(setting("secondary", ""), seen, frozenset()) is None
    assert "witness" not in {step.code for step in steps("primary")}


def test_a_step_that_ended_badly_is_shown_so_where_the_set_up_is_done() -> None:
    jobs.create(KIND, scope="node", owner="anna", role="secondary", answers=asdict(ANSWERS))
    job = jobs.claim([KIND], scope="node")
    assert job is not None
    jobs.finish(job, {"witness": {"state": "failed", "commands": [["witness-add", -1, "It did not vote."]]}})
    found = setup_state()
    assert (found.state, found.error, found.steps[-1].state) == ("done", "", "failed")
