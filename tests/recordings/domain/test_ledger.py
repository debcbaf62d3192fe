"""The ledger: each dialog that is settled has a row, with a number that has no gap before it."""

from dataclasses import replace

import pytest
from django.db import IntegrityError

from recordings.domain import commit, ledger
from recordings.domain.deletion import delete_call
from recordings.domain.place import Place
from recordings.domain.rows import moment
from recordings.domain.settle import settle
from recordings.models import Call, Decision, DecisionCount, Stream, Tombstone, Why
from recordings.pipeline.spool.calls import CallFile
from recordings.pipeline.spool.policy import SWITCHED_OFF
from recordings.pipeline.spool.streams import pack_header, read_header
from tests.samples.spool import NODE, SECOND, InProcess, live, packets, rtp_call, sip_call, spool
from tests.samples.streams import START

pytestmark = [pytest.mark.django_db(databases=["default", "node"])]
OTHER = "5f0c1c1e-0000-4000-8000-000000000002"


def run(place: Place, renderer: InProcess | None = None) -> None:
    settle(place, renderer or InProcess())


def table() -> list[tuple[int, str, str]]:
    return list(Decision.objects.order_by("number").values_list("number", "kept", "reason"))


def another(number: int) -> CallFile:
    return sip_call(f"{number:012d}", f"{number}@example.org", START + number * 100 * SECOND)


def test_each_dialog_has_a_number_recorded_or_not(place: Place) -> None:
    session = live(place)
    spool(session, sip_call())
    spool(session, another(2), {})
    spool(session, replace(another(3), record=False, reason=SWITCHED_OFF), {})
    spool(session, replace(another(4), record=False, reason="Reception"), {})
    spool(session, replace(another(5), answered_ns=None, end_reason="cancel"), {})
    run(place)
    assert sorted(number for number, _, _ in table()) == [1, 2, 3, 4, 5]
    assert sorted((kept, reason) for _, kept, reason in table()) == [
        ("not-recorded", "no-media"),
        ("not-recorded", "not-answered"),
        ("not-recorded", "rule"),
        ("not-recorded", "switched-off"),
        ("recorded", "whole"),
    ]
    assert Decision.objects.get(reason="rule").detail == "Reception"


def test_a_row_says_who_when_and_what_was_seen(place: Place) -> None:
    spool(live(place), sip_call())
    run(place)
    row, call = Decision.objects.get(), Call.objects.get()
    assert (row.pk, row.node, row.caller, row.callee, row.answered) == (call.pk, NODE, "100", "200", True)
    assert (row.started, row.ended, row.streams, row.packets, row.messages) == (call.started, call.ended, 2, 100, 1)
    assert row.heard_by == NODE


def test_a_refused_dialog_has_the_id_of_its_tombstone(place: Place) -> None:
    spool(live(place), replace(sip_call(), record=False, reason=SWITCHED_OFF), {})
    run(place)
    assert Decision.objects.get().pk == Tombstone.objects.get().pk


def test_numbers_go_on_where_they_were(place: Place) -> None:
    session = live(place)
    for number in range(2, 5):
        spool(session, another(number), {})
        run(place)
    assert [number for number, _, _ in table()] == [1, 2, 3]
    assert DecisionCount.objects.get().last == 3


def test_a_later_view_of_a_call_takes_no_number_and_corrects_the_reason(place: Place) -> None:
    session = live(place)
    spool(session, sip_call(), {"caller": packets("caller")})
    run(place)
    assert table() == [(1, "recorded", "one-side")]
    spool(session, sip_call(), {"callee": packets("callee")})
    run(place)
    assert table() == [(1, "recorded", "whole")]


def test_a_view_of_the_other_node_is_noted(place: Place) -> None:
    session = live(place)
    spool(session, sip_call())
    run(place)
    spool(session, replace(sip_call(), node=OTHER))
    run(place)
    assert (table(), Decision.objects.get().heard_by) == ([(1, "recorded", "whole")], f"{NODE} {OTHER}")


def test_a_call_that_only_the_other_node_heard_says_so(place: Place) -> None:
    spool(live(place), replace(sip_call(), node=OTHER))
    run(place)
    assert (Decision.objects.get().node, Decision.objects.get().heard_by) == (NODE, OTHER)


def test_two_rows_that_become_one_call_keep_both_numbers(place: Place) -> None:
    session = live(place)
    spool(session, rtp_call("000000000001"), {"caller": packets("caller", 0, 10)})
    run(place)
    spool(session, replace(rtp_call("000000000002", START + 1), keys=()), {"callee": packets("callee", 0, 10)})
    run(place)
    assert [kept for _, kept, _ in table()] == ["recorded", "recorded"]
    spool(session, sip_call("000000000003"))
    run(place)
    kept = Call.objects.get()
    assert sorted(table()) == [(1, "recorded", "whole"), (2, "joined", "same-call")]
    assert list(Decision.objects.filter(kept="joined").values_list("joined", flat=True)) == [kept.pk]


def test_a_call_that_cannot_be_rendered_is_pending_and_keeps_its_number(place: Place) -> None:
    session = live(place)
    spool(session, sip_call())
    run(place, InProcess(refuse="caller"))
    assert table() == [(1, "pending", "failed")]
    for path in session.calls.glob("*.attempts"):
        path.unlink()
    run(place)
    assert table() == [(1, "recorded", "whole")]


def test_a_damaged_call_file_has_one_row_however_often_settle_runs(place: Place) -> None:
    session = live(place)
    session.call("000000000009").write_bytes(b"no call file")
    run(place)
    run(place)
    assert table() == [(1, "not-recorded", "damaged")]
    assert Decision.objects.get().detail == "000000000009.call"


def test_a_transaction_that_fails_takes_its_numbers_with_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    session = live(place)
    spool(session, sip_call(), {})
    spool(session, another(2), {})
    kept = commit.commit_version
    tried: list[object] = []

    def fails_twice(prepared: object, *rest: object) -> None:
        tried.append(prepared)
        if len(tried) in {2, 3}:
            raise IntegrityError("not now")
        kept(prepared, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(commit, "commit_version", fails_twice)
    run(place)
    assert [number for number, _, _ in table()] == [1]
    assert DecisionCount.objects.get().last == 1


@pytest.mark.parametrize("why", [Why.PERSON, Why.RETENTION])
def test_a_deleted_call_keeps_its_row_without_the_parties(place: Place, why: Why) -> None:
    spool(live(place), sip_call())
    run(place)
    delete_call(Call.objects.get(), who="anna", why=why)
    row = Decision.objects.get()
    assert (row.number, row.kept, row.reason, row.erased_why) == (1, "recorded", "whole", why)
    assert (row.caller, row.callee, row.erased_at is None) == ("", "", False)


def test_a_copy_of_a_deleted_call_brings_nothing_back(place: Place) -> None:
    session = live(place)
    spool(session, sip_call())
    run(place)
    delete_call(Call.objects.get(), who="anna", why=Why.PERSON)
    spool(session, sip_call())
    run(place)
    assert list(Decision.objects.values_list("number", "caller", "erased_why")) == [(1, "", Why.PERSON)]


def test_a_copy_of_a_call_deleted_before_the_ledger_began_has_a_row(place: Place) -> None:
    session = live(place)
    spool(session, sip_call())
    run(place)
    delete_call(Call.objects.get(), who="anna", why=Why.PERSON)
    Decision.objects.all().delete()
    spool(session, sip_call())
    run(place)
    assert list(Decision.objects.values_list("number", "reason", "caller")) == [(2, "deleted", "")]


def test_a_call_stored_before_the_ledger_began_has_a_row_once_it_is_seen_again(place: Place) -> None:
    session = live(place)
    spool(session, sip_call())
    run(place)
    Decision.objects.all().delete()
    spool(session, sip_call())
    run(place)
    assert table() == [(2, "recorded", "whole")]


def test_a_persons_number_can_be_taken_out_of_all_rows(place: Place) -> None:
    session = live(place)
    spool(session, sip_call(), {})
    spool(session, replace(another(2), caller="200", callee="300"), {})
    run(place)
    assert ledger.forget_number("200") == 2
    assert sorted(Decision.objects.values_list("caller", "callee")) == [("", "300"), ("100", "")]


def test_old_lines_lose_the_parties_where_nothing_is_stored(place: Place) -> None:
    session = live(place)
    spool(session, sip_call(), {})
    spool(session, replace(another(2), record=False, reason=SWITCHED_OFF), {})
    spool(session, replace(another(3), record=False, reason=SWITCHED_OFF), {})
    run(place)
    before = moment(START + 250 * SECOND)
    assert [ledger.forget_old_parties(before), ledger.forget_old_parties(before)] == [1, 0]
    assert list(Decision.objects.order_by("started").values_list("caller", "callee")) == [
        ("100", "200"),
        ("", ""),
        ("100", "200"),
    ]


def test_a_stream_says_how_the_mirror_port_brought_it(place: Place) -> None:
    session = live(place)
    spool(session, sip_call())
    path = session.stream("000000000001-caller")
    header, begin = read_header(path.read_bytes())
    path.write_bytes(pack_header(replace(header, vlan=(100,), encapsulation="gre")) + path.read_bytes()[begin:])
    run(place)
    assert list(Stream.objects.order_by("position").values_list("side", "wrapping")) == [
        ("caller", "vlan 100 gre"),
        ("callee", ""),
    ]
