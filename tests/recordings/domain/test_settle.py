"""Settle: what the spool holds becomes one call each, whole, and nothing is lost on the way."""

import hashlib
from dataclasses import replace

import pytest

from apresa.layout import MARKER
from recordings.domain.claim import settling
from recordings.domain.coverage import packets as packet_count
from recordings.domain.deletion import delete_call
from recordings.domain.lookup import coverage_of
from recordings.domain.place import Place
from recordings.domain.settle import Outcome, settle
from recordings.models import Call, CallAlias, State, Stream, Tombstone, Version, Why
from recordings.pipeline.spool.calls import write_call
from recordings.queries.details import read_details
from tests.samples.spool import SECOND, InProcess, live, packets, rtp_call, sip_call, spool
from tests.samples.streams import START

pytestmark = [pytest.mark.django_db(databases=["default", "node"])]
HOUR = 3600 * SECOND


def run(place: Place, renderer: InProcess | None = None) -> Outcome:
    return settle(place, renderer or InProcess())


def library_files(place: Place) -> list[str]:
    return sorted(path.suffix for path in place.library.rglob("*") if path.is_file() and path.name != MARKER)


def spool_files(place: Place) -> list[str]:
    live_session = place.spool / "live"
    return sorted(path.name for folder in ("calls", "streams") for path in (live_session / folder).iterdir())


def only_version() -> Version:
    return Version.objects.get()


def test_an_ended_call_becomes_a_row_and_a_recording_and_leaves_the_spool(place: Place) -> None:
    spool(live(place), sip_call())
    outcome = run(place)
    call = Call.objects.get()
    version = only_version()
    audio = place.library / version.file
    assert outcome.stored == [call.pk]
    assert (call.caller, call.callee, call.state, call.has_audio) == ("100", "200", State.STORED, True)
    assert (call.duration_ms, call.codecs, call.version) == (1000, "PCMU", 1)
    assert hashlib.sha256(audio.read_bytes()).hexdigest() == version.sha256
    assert version.file.startswith(f"2025/06/15/{call.pk}.1-{version.sha256[:8]}.")
    assert version.duration_ms == 1000
    assert packet_count(coverage_of(version)) == 100
    assert list(Stream.objects.values_list("ssrc", "packets", "side")) == [
        ("0x000a11ce", 50, "caller"),
        ("0x00000b0b", 50, "callee"),
    ]
    assert read_details(place.library, version).messages[0].summary == "INVITE sip:200@example.org SIP/2.0"
    assert spool_files(place) == []
    assert list(place.work.iterdir()) == []


def test_a_call_without_packets_is_stored_and_says_so(place: Place) -> None:
    spool(live(place), sip_call(), {})
    run(place)
    call = Call.objects.get()
    assert (call.state, call.has_audio, call.why_no_audio) == (State.STORED, False, "no RTP packets")


def test_a_call_file_that_survived_its_commit_changes_nothing(place: Place) -> None:
    session = live(place)
    spool(session, sip_call())
    run(place)
    version = only_version()
    spool(session, sip_call())
    outcome = run(place)
    assert (outcome.stored, len(outcome.known)) == ([], 1)
    assert only_version().pk == version.pk
    assert spool_files(place) == []


def test_two_halves_of_a_call_become_one_version_with_all_packets(place: Place) -> None:
    session = live(place)
    spool(session, sip_call(), {"caller": packets("caller", 0, 30)})
    run(place)
    first = only_version()
    old = [place.library / name for name in first.files()]
    spool(session, sip_call(), {"caller": packets("caller", 20, 30), "callee": packets("callee")})
    run(place)
    version = only_version()
    assert version.number == 2
    assert packet_count(coverage_of(version)) == 100
    assert list(Stream.objects.values_list("packets", "duplicates")) == [(50, 0), (50, 0)]
    assert [path.exists() for path in old] == [False] * len(old)
    assert [(place.library / name).exists() for name in version.files()] == [True] * len(version.files())


def test_a_view_that_went_into_a_merge_is_known_again(place: Place) -> None:
    session = live(place)
    for _ in range(2):
        spool(session, sip_call(), {"caller": packets("caller", 0, 30)})
        run(place)
        spool(session, sip_call())
        run(place)
    assert only_version().number == 2


def test_a_part_that_is_covered_already_makes_no_new_version(place: Place) -> None:
    session = live(place)
    spool(session, sip_call())
    run(place)
    spool(session, sip_call(), {"caller": packets("caller", 10, 10)})
    assert run(place).stored == []
    assert only_version().number == 1


def test_signalling_that_comes_after_its_media_takes_the_call_over(place: Place) -> None:
    session = live(place)
    heard = spool(session, rtp_call())
    run(place)
    seen = spool(session, sip_call())
    run(place)
    call = Call.objects.get()
    assert (call.protocol, call.caller, call.version) == ("sip", "100", 2)
    assert {str(call.pk), *map(str, CallAlias.objects.values_list("pk", flat=True))} == {heard.uuid, seen.uuid}


def test_several_rows_of_one_call_become_one_and_the_other_id_stays_an_alias(place: Place) -> None:
    session = live(place)
    first = {"caller": packets("caller", 0, 10)}
    second = {"callee": packets("callee", 0, 10)}
    spool(session, rtp_call("000000000001"), first)
    spool(session, replace(rtp_call("000000000002", START + 1), keys=()), second)
    run(place)
    run(place)
    assert Call.objects.count() == 2
    spool(session, sip_call("000000000003"))
    run(place)
    call = Call.objects.get()
    assert CallAlias.objects.filter(call=call).count() == 2
    assert packet_count(coverage_of(only_version())) == 100
    assert library_files(place) == [".flac", ".gz", ".packets", ".peaks"]


def test_a_call_id_used_again_later_is_another_call(place: Place) -> None:
    session = live(place)
    spool(session, sip_call())
    run(place)
    again = spool(
        session, sip_call("000000000009", begin=START + HOUR), {"caller": packets("caller", begin=START + HOUR)}
    )
    run(place)
    assert Call.objects.count() == 2
    assert Call.objects.filter(pk=again.uuid).count() == 1
    assert Call.objects.order_by("-started")[0].pk != Call.objects.order_by("started")[0].pk


def test_a_call_id_used_again_half_a_second_after_its_bye_is_another_call(place: Place) -> None:
    session = live(place)
    spool(session, sip_call(), {})
    run(place)
    spool(session, sip_call("000000000009", begin=START + 2 * SECOND + SECOND // 2), {})
    run(place)
    assert Call.objects.count() == 2


def test_a_call_of_a_single_message_is_stored_once(place: Place) -> None:
    session = live(place)
    for _ in range(2):
        spool(session, replace(sip_call(), started_ns=START + 999, answered_ns=None, ended_ns=START + 999), {})
        run(place)
    assert Call.objects.count() == 1


def test_a_call_without_any_key_but_its_id_is_stored_once(place: Place) -> None:
    session = live(place)
    for _ in range(2):
        spool(session, replace(sip_call(), keys=()), {})
        run(place)
    assert Call.objects.count() == 1


def test_a_deleted_call_never_comes_back(place: Place) -> None:
    session = live(place)
    spool(session, sip_call())
    run(place)
    delete_call(Call.objects.get(), who="anna", why=Why.PERSON)
    spool(session, sip_call())
    middle = replace(sip_call("000000000007"), uuid="5f0c1c1e-0000-4000-8000-00000000beef")
    spool(session, middle, {"callee": packets("callee")})
    outcome = run(place)
    outcome_two = run(place)
    assert (outcome.dropped, outcome_two.dropped) == (1, 1)
    assert Call.objects.count() == 0
    assert spool_files(place) == []


def test_a_call_that_a_rule_refuses_leaves_a_tombstone_and_no_content(place: Place) -> None:
    spool(live(place), replace(sip_call(), record=False, reason="private line"))
    assert run(place).dropped == 1
    assert Tombstone.objects.get().why == Why.RULE
    assert (Call.objects.count(), library_files(place), spool_files(place)) == (0, [], [])


def test_a_stream_that_another_call_still_needs_stays(place: Place) -> None:
    session = live(place)
    first = spool(session, sip_call())
    other = sip_call("000000000002", "two@example.org")
    other = replace(other, streams=first.streams[:1])
    renderer = InProcess()
    write_call(session.call(other.local), other)
    settle(place, renderer, limit=1)
    kept = [name for name in spool_files(place) if name.endswith(".stream")]
    assert kept == ["000000000001-caller.stream"]
    run(place, renderer)
    assert spool_files(place) == []


def test_the_spool_of_another_node_is_left_alone(place: Place) -> None:
    spool(live(place), sip_call())
    stranger = replace(place, node="another")
    assert settle(stranger, InProcess()).settled == 0
    assert "000000000001.call" in spool_files(place)


def test_only_one_process_settles_a_spool(place: Place) -> None:
    spool(live(place), sip_call())
    with settling(place.spool) as mine:
        assert mine
        assert run(place).busy
    assert run(place).settled == 1


def test_when_packets_are_not_kept_a_lesser_copy_replaces_nothing(place: Place) -> None:
    place = replace(place, keep_packets=False)
    session = live(place)
    spool(session, sip_call())
    run(place)
    spool(session, sip_call(), {"caller": packets("caller", 45, 10)})
    assert run(place).stored == []
    assert only_version().number == 1


def test_hostile_text_is_stored_as_far_as_the_database_can_hold_it(place: Place) -> None:
    session = live(place)
    for number in range(5):
        call = replace(
            sip_call(f"{number:012d}", f"\x00\xff{number}"),
            caller="\x00ü\ud800" * 200,
            caller_name="J\xc3\xb6rg",
            callee="../../x",
        )
        spool(session, call, {})
    assert run(place).settled == 5
    call_row = Call.objects.all()[0]
    assert (len(call_row.caller), call_row.caller_name, call_row.callee) == (150, "Jörg", "../../x")
