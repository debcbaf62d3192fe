"""The settings registry."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apresa import database
from apresa.audit.models import Entry
from apresa.config import domain as config
from apresa.config import registry
from apresa.config.models import Setting
from apresa.config.registry import BadSetting
from apresa.database import DatabaseState
from apresa.node import domain as node
from apresa.node.models import NodeIdentity, Role

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=20,
)
both = pytest.mark.django_db(databases=["default", "node"])


@both
def test_setting_that_nobody_changed_has_its_default() -> None:
    assert config.get("recording.format") == "flac"


@both
@pytest.mark.parametrize(
    ("name", "value", "place"), [("recording.format", "opus", "default"), ("capture.interfaces", ["eth1"], "node")]
)
def test_changed_setting_lives_in_the_database_of_its_scope(name: str, value: object, place: str) -> None:
    config.set(name, value, by="anna")
    assert (config.get(name), Setting.objects.using(place).get(name=name).changed_by) == (value, "anna")


@both
def test_change_is_audited_with_both_values() -> None:
    config.set("recording.format", "mp3", by="anna")
    entry = Entry.objects.using("node").get()
    assert (entry.actor, entry.object, entry.detail) == ("anna", "recording.format", {"before": "flac", "after": "mp3"})


@both
@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("recording.format", "aac", "Choose one of: flac, wav, ulaw, opus, mp3."),
        ("capture.silence_timeout", "soon", "Give a whole number from 5 to 86400."),
        ("capture.silence_timeout", 4, "Give a whole number from 5 to 86400."),
        ("capture.interfaces", "eth1 ../etc", "../etc is no name of a network interface; eth1 is one."),
        ("capture.leg_headers", "x-cid Via", "Via is the same in calls that are not one call; choose another."),
        ("capture.leg_headers", ["x cid"], "x cid is no name of a SIP header; X-CID is one."),
        ("capture.leg_headers", "a1 a2 a3 a4 a5 a6 a7 a8 a9", "Give at most 8 names of SIP headers."),
        ("storage.keep_packets", "perhaps", "Answer yes or no."),
        ("colour", 1, "There is no setting called colour."),
    ],
)
def test_bad_value_gets_one_sentence_and_changes_nothing(name: str, value: object, sentence: str) -> None:
    with pytest.raises(BadSetting) as caught:
        config.set(name, value, by="anna")
    assert (str(caught.value), Setting.objects.using("node").count()) == (sentence, 0)


@both
def test_several_changes_are_made_all_or_none() -> None:
    with pytest.raises(BadSetting):
        config.set_all({"recording.format": "opus", "capture.spool_limit": "much"}, by="anna")
    assert (config.get("recording.format"), Entry.objects.using("node").count()) == ("flac", 0)
    config.set_all({"recording.format": "opus", "capture.spool_limit": 500}, by="anna")
    assert (config.get("recording.format"), config.get("capture.spool_limit")) == ("opus", 500)


@both
def test_reset_leaves_nothing_stored_and_is_audited_once() -> None:
    config.set("recording.format", "mp3", by="anna")
    assert [config.reset("recording.format", by="eva") for _ in range(2)] == ["flac", "flac"]
    assert [Setting.objects.using(place).count() for place in ("default", "node")] == [0, 0]
    assert list(Entry.objects.using("node").order_by("id").values_list("actor", "action")) == [
        ("anna", "setting-changed"),
        ("eva", "setting-reset"),
    ]


@both
@pytest.mark.parametrize("name", ["\ud800", "e\u202eth", "éééééééé", "eth 1", "eth:1", ""])
def test_interface_that_the_kernel_could_not_name_is_refused(name: str) -> None:
    with pytest.raises(BadSetting) as caught:
        config.set("capture.interfaces", [name], by="anna")
    assert str(caught.value).encode().endswith(b" is no name of a network interface; eth1 is one.")


@both
def test_secondary_changes_its_own_settings_only() -> None:
    node.join_as_secondary("recorder-1")
    config.set("capture.interfaces", "eth1,eth2", by="anna")
    with pytest.raises(config.NotHere) as caught:
        config.set("recording.format", "wav", by="anna")
    assert config.get("capture.interfaces") == ["eth1", "eth2"]
    assert str(caught.value) == (
        "This setting belongs to the cluster, and this machine is its secondary. Change it on recorder-1."
    )


@both
def test_node_of_a_cluster_that_is_not_active_changes_its_own_settings_only() -> None:
    node.identity()
    NodeIdentity.objects.update(role=Role.PRIMARY)  # as after a power cut, before its agent starts
    with pytest.raises(config.NotHere, match="and this machine is not active now"):
        config.set("recording.format", "wav", by="anna")
    assert config.set("capture.interfaces", "eth1", by="anna") == ["eth1"]


@both
def test_a_primary_whose_work_the_other_node_does_sends_there() -> None:
    node.identity()
    NodeIdentity.objects.update(role=Role.PRIMARY, primary_address="192.0.2.10")
    with pytest.raises(config.NotHere) as caught:
        config.set("recording.format", "wav", by="anna")
    assert str(caught.value) == (
        "This setting belongs to the cluster, and this machine is not active now. Change it on 192.0.2.10."
    )


@both
def test_clusters_settings_are_known_while_its_database_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    Setting.objects.create(name="recording.format", value="wav", changed_at="2026-03-01T00:00:00Z", changed_by="eva")
    config.refresh_copy()
    Setting.objects.using("default").all().delete()
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.ABSENT)
    database.forget()
    assert config.get("recording.format") == "wav"


@both
def test_stored_value_that_this_release_does_not_know_falls_back_to_the_default() -> None:
    Setting.objects.create(name="recording.format", value="evs", changed_at="2026-03-01T00:00:00Z", changed_by="eva")
    assert config.get("recording.format") == "flac"


def test_every_default_is_a_good_value() -> None:
    assert [entry.name for entry in registry.entries() if entry.clean(entry.default) != entry.default] == []


@given(JSON)
def test_arbitrary_values_are_cleaned_to_a_stable_value_or_refused(value: object) -> None:
    for entry in registry.entries():
        try:
            good = entry.clean(value)
        except BadSetting:
            continue
        assert entry.clean(good) == good


def test_every_setting_of_the_registry_stands_in_the_documentation() -> None:
    text = (Path(__file__).parents[3] / "docs" / "settings.md").read_text(encoding="utf-8")
    assert [entry.name for entry in registry.entries() if f"`{entry.name}`" not in text] == []


@given(st.text(max_size=40) | st.lists(st.text(max_size=20) | st.integers(), max_size=10) | st.integers())
def test_any_value_for_headers_is_refused_or_names_in_lower_case_that_are_taken_again(value: object) -> None:
    try:
        names = registry.leg_headers(value)
    except BadSetting as error:
        str(error).encode()
        return
    assert (names, len(set(names))) == (registry.leg_headers(list(names)), len(names))
