"""The settings page: who may see it, what it shows, what it changes, and what it refuses."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from apresa import database
from apresa.accounts import copies
from apresa.accounts.models import User
from apresa.audit.models import Entry as AuditEntry
from apresa.config import domain as config
from apresa.config import registry
from apresa.config.models import Setting
from apresa.config.queries import THEMES
from apresa.config.registry import Entry, yes_or_no
from apresa.database import DatabaseState
from apresa.node import domain as node
from tests.apresa.accounts.people import anna, bob, person
from tests.samples.read_only import read_only_database

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def row(page: str, name: str) -> str:
    """The part of the page that belongs to one setting, without line breaks and doubled spaces."""
    found = re.search(
        rf'<div class="setting[^>]*id="{re.escape(name)}".*?(?=<div class="setting |</section>)', page, re.DOTALL
    )
    assert found
    return unescape(re.sub(r"\s+", " ", found[0]))


def shown(client: Client, name: str, query: str = "") -> str:
    return row(client.get(f"/settings/{query}").content.decode(), name)


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize(
    ("who", "status"),
    [(None, 302), (bob, 403), (lambda: person("carl", "supervisor"), 403), (anna, 200)],
)
def test_settings_are_for_administrators(who: Callable[[], User] | None, status: int) -> None:
    client = signed_in(who()) if who else Client()
    assert client.get("/settings/").status_code == status
    assert ('href="/settings/"' in client.get("/account/").content.decode()) is (status == 200)


@pytest.mark.parametrize("address", ["/settings/theme/capture/", "/settings/reset/"])
@pytest.mark.parametrize(("who", "status"), [(None, 302), (bob, 403), (lambda: person("carl", "supervisor"), 403)])
def test_nobody_else_changes_a_setting(address: str, who: Callable[[], User] | None, status: int) -> None:
    config.set("capture.spool_limit", 5000, by="eva")
    client = signed_in(who()) if who else Client()
    response = client.post(address, {"capture.spool_limit": "7000", "name": "capture.spool_limit"})
    assert (response.status_code, config.get("capture.spool_limit")) == (status, 5000)


def test_every_setting_is_shown_with_its_meaning_and_name() -> None:
    page = signed_in(anna()).get("/settings/").content.decode()
    for entry in registry.entries():
        part = row(page, entry.name)
        assert (str(entry.label) in part, str(entry.help) in part, f"<code>{entry.name}</code>" in part) == (True,) * 3


def test_every_setting_has_a_label_and_its_theme_a_title() -> None:
    assert [entry.name for entry in registry.entries() if not entry.label or entry.theme not in THEMES] == []


def test_setting_says_its_default_and_who_changed_it() -> None:
    client = signed_in(anna())
    assert "Default: 60</span> <span>The default holds</span>" in shown(client, "capture.silence_timeout")
    config.set("capture.silence_timeout", 90, by="eva")
    after = shown(client, "capture.silence_timeout")
    assert ("Default: 60</span> <span>Set by eva, <time" in after, 'value="90"' in after) == (True, True)


def test_setting_says_where_it_holds_and_that_a_restart_is_needed() -> None:
    client = signed_in(anna())
    interfaces, timeout = shown(client, "capture.interfaces"), shown(client, "capture.silence_timeout")
    assert ('<span class="pill">This machine</span>' in interfaces, "Holds after a restart" in interfaces) == (
        True,
        True,
    )
    assert ('<span class="pill">Cluster</span>' in timeout, "Holds after a restart" in timeout) == (True, False)


@pytest.mark.parametrize(
    ("theme", "typed", "after", "sentence"),
    [
        ("recording", {"recording.format": "opus"}, {"recording.format": "opus"}, "Format of recordings is now opus."),
        ("storage", {"storage.keep_packets": "no"}, {"storage.keep_packets": False}, "Keep the packets is now no."),
        (
            "capture",
            {"capture.interfaces": "eth1, eth2"},
            {"capture.interfaces": ["eth1", "eth2"]},
            "Network interfaces is now eth1, eth2. "
            "It holds once the recording component was restarted (Tools > System).",
        ),
        (
            "capture",
            {"capture.silence_timeout": "90", "capture.spool_limit": "500"},
            {"capture.silence_timeout": 90, "capture.spool_limit": 500},
            "2 settings were saved.",
        ),
        ("capture", {"capture.silence_timeout": "60"}, {"capture.silence_timeout": 60}, "Nothing was changed."),
    ],
)
def test_what_was_typed_is_saved_and_said(
    theme: str, typed: dict[str, str], after: dict[str, object], sentence: str
) -> None:
    response = signed_in(anna()).post(f"/settings/theme/{theme}/", typed)
    assert (response.status_code, response["Location"]) == (302, f"/settings/#{theme}")
    assert ({name: config.get(name) for name in after}, said(response)) == (after, [sentence])


def test_only_what_changed_is_audited_with_who_and_from_where() -> None:
    typed = {"capture.silence_timeout": "90", "capture.spool_limit": "20000"}
    signed_in(anna()).post("/settings/theme/capture/", typed, REMOTE_ADDR="192.0.2.9")
    [entry] = AuditEntry.objects.using("node").filter(action="setting-changed")
    assert (entry.actor, entry.address, entry.object) == ("anna", "192.0.2.9", "capture.silence_timeout")
    assert entry.detail == {"before": 60, "after": 90}


def test_settings_of_another_theme_are_not_taken() -> None:
    signed_in(anna()).post("/settings/theme/capture/", {"recording.format": "opus"})
    assert config.get("recording.format") == "flac"


def test_wrong_value_keeps_everything_typed_and_changes_nothing() -> None:
    typed = {"capture.silence_timeout": "soon", "capture.spool_limit": "500", "capture.interfaces": "eth1"}
    response = signed_in(anna()).post("/settings/theme/capture/", typed)
    page = response.content.decode()
    wrong = row(page, "capture.silence_timeout")
    assert (response.status_code, Setting.objects.using("node").count()) == (400, 0)
    assert ("Give a whole number from 5 to 86400." in wrong, 'value="soon"' in wrong) == (True, True)
    assert ('value="500"' in row(page, "capture.spool_limit"), 'value="eth1"' in row(page, "capture.interfaces")) == (
        True,
        True,
    )
    assert "Nothing was saved. See what is said below the fields." in page


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "\x00", "x" * 5000, "\u202e"])
def test_hostile_text_is_refused_and_shown_as_text(hostile: str) -> None:
    response = signed_in(anna()).post("/settings/theme/capture/", {"capture.interfaces": hostile})
    assert (response.status_code, "<script>alert" in response.content.decode()) == (400, False)
    assert config.get("capture.interfaces") == []


def test_change_of_another_person_is_not_overruled_unseen() -> None:
    client = signed_in(anna())
    config.set("capture.silence_timeout", 120, by="eva")
    typed = {"capture.silence_timeout": "90", "seen:capture.silence_timeout": "60"}
    response = client.post("/settings/theme/capture/", typed)
    part = row(response.content.decode(), "capture.silence_timeout")
    sentence = "eva changed this meanwhile: it is now 120. Save again to overrule."
    assert (response.status_code, config.get("capture.silence_timeout"), sentence in part) == (400, 120, True)
    assert ('name="seen:capture.silence_timeout" value="120"' in part, 'value="90"' in part) == (True, True)


def test_what_was_not_touched_keeps_what_another_person_set_meanwhile() -> None:
    client = signed_in(anna())
    config.set("capture.silence_timeout", 120, by="eva")
    typed = {"capture.silence_timeout": "60", "seen:capture.silence_timeout": "60", "capture.spool_limit": "500"}
    assert client.post("/settings/theme/capture/", typed).status_code == 302
    assert (config.get("capture.silence_timeout"), config.get("capture.spool_limit")) == (120, 500)


def test_setting_gets_its_default_again() -> None:
    config.set("recording.format", "opus", by="eva")
    response = signed_in(anna()).post("/settings/reset/", {"name": "recording.format"})
    assert (response.status_code, config.get("recording.format")) == (302, "flac")
    assert said(response) == ["Format of recordings has its default again: flac."]
    [entry] = AuditEntry.objects.using("node").filter(action="setting-reset")
    assert (entry.actor, entry.object, entry.detail) == (
        "anna",
        "recording.format",
        {"before": "opus", "after": "flac"},
    )


@pytest.mark.parametrize(
    ("address", "body"),
    [("/settings/theme/colours/", {}), ("/settings/reset/", {"name": "colour"}), ("/settings/reset/", {})],
)
def test_what_does_not_exist_is_not_found(address: str, body: dict[str, str]) -> None:
    assert signed_in(anna()).post(address, body).status_code == 404


@pytest.mark.parametrize("address", ["/settings/theme/capture/", "/settings/reset/"])
def test_changes_come_by_post_only(address: str) -> None:
    assert signed_in(anna()).get(address).status_code == 405


@pytest.mark.parametrize(
    ("query", "hidden"),
    [
        ("", False),
        ("?q=silence", False),
        ("?q=ENDS+second", False),
        ("?q=capture.silence_timeout", False),
        ("?q=flac", True),
        ("?q=nothing+of+the+kind", True),
    ],
)
def test_search_stands_in_the_address_and_hides_the_rest(query: str, hidden: bool) -> None:
    page = signed_in(anna()).get(f"/settings/{query}").content.decode()
    opening = re.search(r'<div class="setting[^>]*id="capture.silence_timeout"[^>]*>', page)
    assert opening
    assert opening[0].endswith(" hidden>") is hidden
    assert ('id="none-found" role="status" hidden' in page) is ("nothing" not in query)


def test_secondary_grays_the_clusters_settings_with_the_reason_and_the_way_to_the_primary() -> None:
    node.join_as_secondary("192.0.2.1")
    client = signed_in(anna())
    fixed, own = shown(client, "capture.silence_timeout"), shown(client, "capture.spool_limit")
    assert (" disabled>" in fixed, " disabled>" in own) == (True, False)
    assert "This setting belongs to the cluster, and this machine is its secondary." in fixed
    assert '<a href="https://192.0.2.1/settings/#capture.silence_timeout">Go to 192.0.2.1</a>' in fixed
    assert "belongs to the cluster" not in own


def test_secondary_saves_its_own_settings_while_the_database_is_read_only() -> None:
    client = signed_in(anna())
    node.join_as_secondary("192.0.2.1")
    with read_only_database():
        response = client.post("/settings/theme/capture/", {"capture.interfaces": "eth1"})
        page = client.get("/settings/")
    assert (response.status_code, page.status_code, config.get("capture.interfaces")) == (302, 200, ["eth1"])


def test_secondary_refuses_the_clusters_settings_however_they_come() -> None:
    node.join_as_secondary("192.0.2.1")
    client = signed_in(anna())
    typed = {"capture.silence_timeout": "90", "capture.spool_limit": "500"}
    response = client.post("/settings/theme/capture/", typed)
    assert (response.status_code, Setting.objects.using("node").count()) == (400, 0)
    assert "Change it on 192.0.2.1." in row(response.content.decode(), "capture.silence_timeout")
    again = client.post("/settings/reset/", {"name": "capture.silence_timeout"})
    assert (again.status_code, "Change it on 192.0.2.1." in again.content.decode()) == (409, True)


def test_page_works_without_the_clusters_database(monkeypatch: pytest.MonkeyPatch) -> None:
    user = anna()
    config.set("recording.format", "opus", by="eva")
    copies.refresh()
    client = signed_in(user)
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.ABSENT)
    database.forget()
    Setting.objects.using("default").all().delete()
    fixed = shown(client, "recording.format")
    assert ('<option value="opus" selected>' in fixed, "cannot be written now" in fixed) == (True, True)
    assert client.post("/settings/theme/capture/", {"capture.spool_limit": "500"}).status_code == 302
    assert config.get("capture.spool_limit") == 500


def test_page_speaks_dutch() -> None:
    user = anna()
    user.language = "nl"
    user.save()
    client = signed_in(user)
    part = shown(client, "storage.keep_packets")
    assert ("Pakketten bewaren</label>" in part, ">ja</option>" in part, "Standaard: ja</span>" in part) == (True,) * 3
    response = client.post("/settings/theme/storage/", {"storage.keep_packets": "no"})
    assert said(response) == ["Pakketten bewaren is nu nee."]


def test_theme_that_nobody_named_is_shown_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Entry("birds.sing", "node", True, yes_or_no, "Whether they do.")
    monkeypatch.setattr(registry, "_entries", {entry.name: entry})
    page = signed_in(anna()).get("/settings/").content.decode()
    assert ('<h2 id="birds-title">Birds</h2>' in page, "birds.sing</label>" in page) == (True, True)
