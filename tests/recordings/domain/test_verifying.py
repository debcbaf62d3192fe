"""Verify now: whatever was changed after it was stored is found, named and told."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from apresa.audit import domain as audit
from apresa.audit.models import Entry
from apresa.events.models import Event
from recordings.domain import auditing, verifying
from recordings.domain.chaining import as_read, link_all, stored_text
from recordings.domain.here import here
from recordings.domain.settle import settle
from recordings.evidence.chain import digest
from recordings.models import Call, Head, Link, Version
from tests.apresa.accounts.people import anna, bob, person
from tests.recordings.api.test_calls import client_of
from tests.samples.spool import InProcess, live, sip_call, spool

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    place = replace(here(), spool=tmp_path)
    spool(live(place), replace(sip_call(), node=place.node))
    settle(place, InProcess())
    audit.record("anna", "call-listened", "call")
    audit.ship()
    link_all()
    found: Call = Call.objects.get()
    return found


def alarms() -> list[str]:
    return list(Event.objects.filter(alarm=True, closed_at=None).values_list("code", flat=True))


def flip(name: str) -> bytes:
    path = Path(settings.APRESA.library) / name
    data = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    return data


def test_a_call_as_it_was_stored_is_verified(call: Call) -> None:
    assert verifying.verify(call.pk) == ()
    version = Version.objects.get()
    assert (version.check_found, version.checked_at is not None, alarms()) == ("", True, [])
    assert auditing.faults() == []


@pytest.mark.parametrize(("column", "code"), [("file", "recording"), ("details", "details"), ("packets", "packets")])
def test_a_changed_file_is_told_until_it_is_back(call: Call, column: str, code: str) -> None:
    name = getattr(Version.objects.get(), column)
    before = flip(name)
    assert verifying.verify(call.pk) == (code,)
    assert (Version.objects.get().check_found, alarms()) == (code, ["recording-changed"])
    (Path(settings.APRESA.library) / name).write_bytes(before)
    assert (verifying.verify(call.pk), alarms()) == ((), [])


def test_a_file_that_is_gone_is_a_change_and_a_library_that_is_gone_is_none(call: Call) -> None:
    (Path(settings.APRESA.library) / Version.objects.get().file).unlink()
    assert verifying.verify(call.pk) == ("recording",)
    marker = Path(settings.APRESA.library) / ".apresa-library"
    kept = marker.read_bytes()
    marker.unlink()
    with pytest.raises(OSError, match="marker"):
        verifying.verify(call.pk)
    marker.write_bytes(kept)


def test_a_changed_row_and_a_file_changed_with_its_digest_are_told(call: Call) -> None:
    Call.objects.update(callee="666")
    assert verifying.verify(call.pk) == ("facts",)
    Call.objects.update(callee="200")
    Version.objects.update(sha256="0" * 64, file="")
    assert verifying.verify(call.pk) == ("link",)


def test_a_row_without_a_link_is_told_and_one_still_to_be_linked_is_not_checked(call: Call) -> None:
    Version.objects.update(linked=False)
    assert verifying.verify(call.pk) is None
    Version.objects.update(linked=True)
    Link.objects.filter(kind="stored").delete()
    assert verifying.verify(call.pk) == ("not-linked",)
    assert verifying.verify(uuid.uuid4()) is None


@pytest.mark.parametrize("said", ["", "{", "[]", "7", "[" * 100_000])
@pytest.mark.parametrize("fitting", [True, False])
def test_a_link_that_says_something_else_is_a_change_and_no_fault_of_ours(call: Call, said: str, fitting: bool) -> None:
    changes = {"said": said, **({"body": digest(said)} if fitting else {})}
    Link.objects.filter(kind="stored").update(**changes)
    assert verifying.verify(call.pk) == ("link",)
    assert alarms() == ["recording-changed"]


def test_a_link_made_to_fit_a_changed_row_is_told_as_no_head_signs_it(call: Call) -> None:
    Call.objects.update(callee="666")
    link = Link.objects.get(kind="stored")
    link.said = stored_text(Version.objects.get(), link.salt)
    link.body = digest(link.said)
    link.digest = as_read(link).digest
    link.save()
    assert verifying.verify(call.pk) == ("link",)
    assert auditing.faults() != []


CHANGES: dict[str, Callable[[], object]] = {
    "link-gone": lambda: Link.objects.filter(number=1).delete(),
    "last-link-gone": lambda: Link.objects.filter(pk=Link.objects.latest("number").pk).delete(),
    "link-said-other": lambda: Link.objects.filter(kind="stored").update(said="{}"),
    "link-other-body": lambda: Link.objects.filter(number=1).update(body="0" * 64),
    "link-other-digest": lambda: Link.objects.filter(number=2).update(digest="0" * 64),
    "signature-other": lambda: Head.objects.update(signatures=[]),
    "chain-gone": lambda: Link.objects.all().delete(),
    "entry-rewritten": lambda: Entry.objects.using("default").update(actor="otto"),
    "entry-gone": lambda: Entry.objects.using("default").all().delete(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_chain_that_was_changed_is_told(call: Call, change: str) -> None:
    CHANGES[change]()
    assert auditing.faults() != []
    assert alarms() == ["chain-broken"]


def test_two_boots_are_two_chains_and_no_change(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apresa.shared.clock.boot_id", lambda: "another boot")
    audit.record("anna", "call-listened", "call")
    audit.ship()
    assert link_all() == 1
    assert (Link.objects.values("boot").distinct().count(), auditing.faults()) == (2, [])


def test_a_day_and_everything_are_verified_and_counted(call: Call) -> None:
    seen: list[tuple[int, int]] = []
    day = call.started.date()
    report = verifying.verify_many(day, lambda done, total: seen.append((done, total)))
    assert (report.verified, report.changed, seen) == (1, {}, [(1, 1)])
    assert verifying.verify_many(date(2001, 1, 1), lambda *_: None).verified == 0


def test_the_command_names_what_was_changed(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify", "--all")
    flip(Version.objects.get().file)
    with pytest.raises(SystemExit):
        call_command("verify", "--all")
    assert capsys.readouterr().out.splitlines() == [
        "1 calls verified, 0 changed, 0 not checked.",
        f"CHANGED {call.pk}: recording",
        "0 calls verified, 1 changed, 0 not checked.",
    ]


def test_the_page_shows_three_states(call: Call) -> None:
    client = Client()
    client.force_login(anna())
    page = f"/calls/{call.pk}/"
    shown = []
    for damaged in (None, False, True):
        if damaged:
            flip(Version.objects.get().file)
        if damaged is not None:
            assert client.post(f"{page}verify/").status_code == 302
        text = client.get(page).content.decode()
        shown.append(
            [word for word in ("Not checked", "the file of the recording (recording)", "Verified") if word in text]
        )
    assert shown == [["Not checked"], ["Verified"], ["the file of the recording (recording)"]]
    acts = list(Entry.objects.using("node").filter(action="call-verified").order_by("number").values_list("detail"))
    assert acts == [({"found": []},), ({"found": ["recording"]},)]


def test_the_api_verifies_for_whoever_may(call: Call) -> None:
    address = f"/api/v1/calls/{call.pk}/verify/"
    answer = client_of(person("carl", "supervisor"), may_write=True).post(address)
    assert (answer.status_code, answer.json()) == (200, {"state": "verified", "found": []})
    assert client_of(anna()).post(address).status_code == 403  # a token that may only read
    assert client_of(bob(), may_write=True).post(address).status_code == 403
    assert Client().post(address).status_code == 401


def test_the_page_refuses_whoever_may_not(call: Call) -> None:
    client = Client()
    client.force_login(bob())
    assert client.post(f"/calls/{call.pk}/verify/").status_code == 404  # not a call of his
    assert Client().post(f"/calls/{call.pk}/verify/").status_code == 302
    assert Version.objects.get().checked_at is None
