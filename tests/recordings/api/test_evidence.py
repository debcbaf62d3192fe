"""The evidence package by API: a settled call, exported, is checked by verify.py; who may export it."""

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client

import recordings.evidence
from apresa.accounts.models import User
from apresa.audit.models import Entry
from recordings.domain import exporting, rendering
from recordings.domain.chaining import link_all
from recordings.domain.deletion import delete_call
from recordings.domain.here import here
from recordings.domain.settle import settle
from recordings.evidence import keys, package
from recordings.models import Call, Link, Version, Why
from tests.apresa.accounts.people import anna
from tests.recordings.api.test_calls import client_of
from tests.recordings.api.test_parts import Opened
from tests.samples import evidence
from tests.samples.spool import live, sip_call, spool

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
READER: dict[str, Any] = runpy.run_path(str(Path(recordings.evidence.__file__).parent / "reader" / "verify.py"))
RIGHTS = ("export_evidence", "download_call", "view_signalling", "view_all_calls", "view_call")


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setattr(rendering, "_provided", [Opened])
    place = replace(here(), spool=tmp_path)
    spool(live(place), replace(sip_call(), node=place.node))
    settle(place, Opened())
    found: Call = Call.objects.get()
    return found


def exported(client: Client, call: Call, tmp_path: Path) -> Path:
    response = client.get(f"/api/v1/calls/{call.pk}/evidence/")
    assert response.status_code == 200, response.content
    path = tmp_path / "evidence.zip"
    path.write_bytes(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    return path


def test_an_exported_call_is_whole(call: Call, tmp_path: Path) -> None:
    path = exported(client_of(anna()), call, tmp_path)
    proved, used = READER["verify"](str(path))
    assert (len(proved), [item["public"] for item in used]) == (3, [keys.node_key(settings.APRESA.data).public])
    names = [name for name, _ in evidence.read(path)]
    assert sorted(names) == sorted(
        [
            "README.txt",
            "audit.jsonl",
            "details.json.gz",
            "ladder.txt",
            "listen.wav",
            "manifest.json",
            "manifest.sig",
            "metadata.json",
            "proof.json",
            "recording.flac",
            "verify.html",
            "verify.py",
        ]
    )


def test_a_recording_that_the_readers_could_not_take_is_refused_with_its_size(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = (settings.APRESA.library / Version.objects.get().file).stat().st_size
    client = client_of(anna())
    for largest, status in ((size, 200), (size - 1, 409)):
        # The tools that check it are larger than this short call.
        monkeypatch.setattr(package, "LARGEST", largest)
        monkeypatch.setattr(package, "READERS", ())
        monkeypatch.setattr(exporting, "PLAYABLE", {"flac"})
        answer = client.get(f"/api/v1/calls/{call.pk}/evidence/")
        assert answer.status_code == status
        if answer.streaming:
            b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer.json() == {
        "code": "no-proof",
        "message": "The proof of this call cannot be made: recording.flac is larger than 2 GiB, more than the "
        "package's readers take.",
    }


def test_the_export_is_in_the_trail_that_it_exports(call: Call, tmp_path: Path) -> None:
    path = exported(client_of(anna()), call, tmp_path)
    entries = list(Entry.objects.using("node").filter(object=f"call {call.pk}").values_list("actor", "action"))
    assert entries == [("anna", "evidence-exported")]
    assert b'"action":"evidence-exported"' in dict(evidence.read(path))["audit.jsonl"]


def test_each_of_fifty_tampered_packages_of_a_real_call_is_rejected(call: Call, tmp_path: Path) -> None:
    path = exported(client_of(anna()), call, tmp_path)
    files, accepted = evidence.read(path), []
    cases = list(evidence.flips(files, 50))
    for data in cases:
        path.write_bytes(data)
        try:
            accepted.append(READER["verify"](str(path)))
        except READER["Rejected"]:
            continue
    assert (len(cases), accepted) == (50, [])


@pytest.mark.parametrize("what", ["file", "row", "entry"])
def test_what_was_changed_here_after_it_was_stored_is_told_by_the_package(
    call: Call, tmp_path: Path, what: str
) -> None:
    client = client_of(anna())
    exported(client, call, tmp_path)
    if what == "file":
        place = Path(settings.APRESA.library) / Version.objects.get().file
        data = bytearray(place.read_bytes())
        data[-1] ^= 1
        place.chmod(0o600)
        place.write_bytes(data)
    elif what == "row":
        Call.objects.update(caller="666")
    else:
        Entry.objects.using("default").filter(object=f"call {call.pk}").update(actor="otto")
    with pytest.raises(READER["Rejected"]):
        READER["verify"](str(exported(client, call, tmp_path)))


@pytest.mark.parametrize("lacking", ["export_evidence", "download_call", "view_signalling"])
def test_whoever_lacks_one_right_gets_no_package(call: Call, lacking: str) -> None:
    user = User.objects.create_user("carl")
    user.user_permissions.set(Permission.objects.filter(codename__in=set(RIGHTS) - {lacking}))
    assert client_of(user).get(f"/api/v1/calls/{call.pk}/evidence/").status_code == 403


def test_whoever_has_the_rights_gets_it_and_others_do_not_learn_of_the_call(call: Call, tmp_path: Path) -> None:
    user = User.objects.create_user("carl")
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    READER["verify"](str(exported(client_of(user), call, tmp_path)))
    user.user_permissions.remove(Permission.objects.get(codename="view_all_calls"))
    assert client_of(User.objects.get(pk=user.pk)).get(f"/api/v1/calls/{call.pk}/evidence/").status_code == 404
    assert Client().get(f"/api/v1/calls/{call.pk}/evidence/").status_code == 401


def test_a_deleted_call_leaves_links_that_name_nobody(call: Call, tmp_path: Path) -> None:
    exported(client_of(anna()), call, tmp_path)
    assert len(Link.objects.get(kind="stored").salt) == 32
    delete_call(call, who="anna", why=Why.PERSON)
    link_all()
    assert list(Link.objects.exclude(kind="audit").values_list("kind", "salt")) == [("stored", ""), ("deleted", "")]
    assert [row.said for row in Link.objects.all() if "100" in row.said.replace(row.digest, "").split('"')] == []
