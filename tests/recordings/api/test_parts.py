"""Audio, packets, waveform and signalling of a call by API: rights, ranges, formats, audit."""

import io
import json
import wave
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from apresa.accounts.models import User
from apresa.audit.models import Entry
from recordings.domain import rendering
from recordings.domain.here import here
from recordings.domain.settle import settle
from recordings.models import Call, UserNumber, Version
from recordings.pipeline.capture.pcap import read_frames
from tests.apresa.accounts.people import anna, bob, person
from tests.recordings.api.test_calls import client_of
from tests.samples.spool import InProcess, live, sip_call, spoken, spool

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


def ulaw(octet: int) -> int:
    """ITU-T G.711 table 2a, written down once more."""
    octet = ~octet & 0xFF
    size = (((octet & 15) << 3) + 132) << (octet >> 4 & 7)
    return 132 - size if octet & 128 else size - 132


def samples(side: str) -> bytes:
    """One second of what was spoken, as 16-bit samples."""
    return b"".join(ulaw(octet).to_bytes(2, "little", signed=True) for octet in spoken(side)[:8000])


PARTS = ("audio/", "peaks/", "pcap/", "signalling/")


class Opened(InProcess):
    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_: object) -> None: ...


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """A call of one second of G.711, settled by the real path."""
    monkeypatch.setattr(rendering, "_provided", [Opened])
    place = replace(here(), spool=tmp_path)
    spool(live(place), replace(sip_call(), node=place.node))
    settle(place, InProcess())
    found: Call = Call.objects.get()
    return found


def content(client: Client, call: Call, part: str, **headers: str) -> tuple[int, bytes]:
    response = client.get(f"/api/v1/calls/{call.pk}/{part}", headers=headers)
    return response.status_code, response.getvalue()


def stored(call: Call) -> bytes:
    version = Version.objects.get(call=call)
    return (Path(settings.APRESA.library) / version.file).read_bytes()


def listener_of(call: Call) -> User:
    user = bob()
    UserNumber.objects.create(user=user, number=call.callee)
    return user


def test_rights_decide_what_is_sent(call: Call) -> None:
    stranger, listener = person("stranger", "listener"), listener_of(call)
    codes = {
        name: [content(client, call, part)[0] for part in PARTS]
        for name, client in {
            "nobody": Client(),
            "stranger": client_of(stranger),
            "listener": client_of(listener),
            "supervisor": client_of(person("carl", "supervisor")),
            "administrator": client_of(anna()),
        }.items()
    }
    assert codes == {
        "nobody": [401, 401, 401, 401],
        "stranger": [404, 404, 403, 403],
        "listener": [200, 200, 403, 403],
        "supervisor": [200, 200, 200, 200],
        "administrator": [200, 200, 200, 200],
    }


def test_a_listener_may_play_but_not_download(call: Call) -> None:
    client = client_of(listener_of(call))
    assert content(client, call, "audio/")[0] == 200
    assert content(client, call, "audio/?download=1")[0] == 403


def test_the_stored_file_is_sent_as_it_is(call: Call) -> None:
    response = client_of(anna()).get(f"/api/v1/calls/{call.pk}/audio/", headers={"Accept": "audio/webm,audio/*"})
    assert response.getvalue() == stored(call)
    assert (response["Content-Type"], response["Accept-Ranges"]) == ("audio/flac", "bytes")
    assert "Content-Disposition" not in response


def test_wav_holds_what_was_spoken_the_caller_left(call: Call) -> None:
    _, data = content(client_of(anna()), call, "audio/?format=wav")
    with wave.open(io.BytesIO(data)) as sound:
        frames = sound.readframes(sound.getnframes())
        assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (2, 8000, 8000)
    left = b"".join(frames[at : at + 2] for at in range(0, len(frames), 4))
    right = b"".join(frames[at + 2 : at + 4] for at in range(0, len(frames), 4))
    assert left == samples("caller")
    assert right == samples("callee")


def test_one_side_alone_is_mono(call: Call) -> None:
    _, data = content(client_of(anna()), call, "audio/?format=wav&channel=right")
    with wave.open(io.BytesIO(data)) as sound:
        assert sound.getnchannels() == 1
        assert sound.readframes(8000) == samples("callee")


@pytest.mark.parametrize(("form", "magic"), [("mp3", b"ID3"), ("opus", b"OggS"), ("ulaw", b"RIFF"), ("flac", b"fLaC")])
def test_other_formats_are_made_on_demand(call: Call, form: str, magic: bytes) -> None:
    response = client_of(anna()).get(f"/api/v1/calls/{call.pk}/audio/?format={form}&channel=mix&download=1")
    assert response.getvalue()[: len(magic)] == magic
    extension = {"ulaw": "wav"}.get(form, form)
    assert response["Content-Disposition"] == f'attachment; filename="20250615-150639-100-200-mix.{extension}"'


def test_a_range_is_answered_with_its_bytes(call: Call) -> None:
    whole = stored(call)
    client = client_of(anna())
    for asked, expected in {
        "bytes=0-9": whole[:10],
        "bytes=100-": whole[100:],
        "bytes=-7": whole[-7:],
        f"bytes=5-{len(whole) * 2}": whole[5:],
    }.items():
        assert content(client, call, "audio/", Range=asked) == (206, expected)
    assert content(client, call, "audio/", Range="bytes=2-1") == (200, whole)
    assert content(client, call, "audio/", Range="seconds=1-2") == (200, whole)
    beyond = client.get(f"/api/v1/calls/{call.pk}/audio/", headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(whole)}")
    head = client.head(f"/api/v1/calls/{call.pk}/audio/")
    assert (head.status_code, head["Content-Length"], head.content) == (200, str(len(whole)), b"")


def test_a_range_of_another_version_is_not_mixed_with_this_one(call: Call) -> None:
    client = client_of(anna())
    etag = client.head(f"/api/v1/calls/{call.pk}/audio/")["ETag"]
    headers = {"Range": "bytes=0-3"}
    assert content(client, call, "audio/", **headers, **{"If-Range": etag})[0] == 206
    assert content(client, call, "audio/", **headers, **{"If-Range": '"other"'})[0] == 200


def test_a_player_with_many_ranges_is_one_act_in_the_audit_trail(call: Call) -> None:
    client = client_of(anna())
    for begin in range(5, 50, 10):
        content(client, call, "audio/", Range=f"bytes={begin}-{begin + 5}")
    content(client, call, "audio/?download=1&format=wav")
    acts = Entry.objects.using("node").filter(object=f"call {call.pk}").order_by("number")
    assert [(act.actor, act.action, act.detail["format"]) for act in acts] == [
        ("anna", "call-listened", "flac"),
        ("anna", "call-downloaded", "wav"),
    ]


def test_an_unknown_format_gets_a_sentence(call: Call) -> None:
    status, body = content(client_of(anna()), call, "audio/?format=exe")
    assert (status, json.loads(body)["message"]) == (400, "Choose one of: flac, wav, ulaw, mp3, opus.")


def test_a_call_without_audio_says_why(call: Call) -> None:
    Version.objects.update(file="", peaks="", packets="")
    Call.objects.update(why_no_audio="no RTP packets")
    client = client_of(anna())
    status, body = content(client, call, "audio/")
    assert (status, json.loads(body)) == (
        404,
        {"code": "no-audio", "message": "This call has no audio: no RTP packets."},
    )
    assert [content(client, call, part)[0] for part in ("peaks/", "pcap/")] == [404, 404]


def test_a_library_that_is_away_is_503(call: Call) -> None:
    for path in Path(settings.APRESA.library).rglob(f"{call.pk}*"):
        path.unlink()
    client = client_of(anna())
    codes = [
        content(client, call, part)[0] for part in ("audio/", "audio/?format=ulaw&channel=left", "peaks/", "pcap/")
    ]
    assert codes == [503, 503, 503, 503]


def test_the_capture_file_holds_signalling_and_both_voices(call: Call, tmp_path: Path) -> None:
    _, data = content(client_of(anna()), call, "pcap/")
    path = tmp_path / "call.pcap"
    path.write_bytes(data)
    frames = list(read_frames(path))
    assert len(frames) == 101
    assert b"INVITE sip:200" in frames[0].data
    assert [frame.time_ns for frame in frames] == sorted(frame.time_ns for frame in frames)


def test_peaks_and_signalling_are_json(call: Call) -> None:
    client = client_of(anna())
    peaks = json.loads(content(client, call, "peaks/")[1])
    assert (peaks["duration"], peaks["per_second"], [len(side) for side in peaks["peaks"]]) == (1.0, 50, [100, 100])
    messages = json.loads(content(client, call, "signalling/")[1])
    assert [message["text"][:6] for message in messages] == ["INVITE"]
