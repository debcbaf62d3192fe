"""Calls to look at: some with sound, one of each end, one with a gap, one that failed."""

import gzip
import json
import tempfile
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from apresa import layout
from apresa.node import domain as node
from recordings.models import Call, State, Stream, Version
from recordings.pipeline.render.encode import encoding
from recordings.pipeline.render.peaks import PeakMeter
from recordings.store import file_name, open_library, sha256_of

RATE = 8000
PEOPLE = [
    ("2101", "Anna de Vries"),
    ("2102", "Bob Jansen"),
    ("2117", "Reception"),
    ("+31205550142", ""),
    ("+4930123456", "Kontor Berlin"),
    ("+442079460018", ""),
    ("2130", "Service desk"),
]
ENDS: list[dict[str, Any]] = [
    {"end_reason": "bye", "answered": True, "mos": 4.36},
    {"end_reason": "bye", "answered": True, "mos": 4.41},
    {"end_reason": "cancel", "status": 487},
    {"end_reason": "bye", "answered": True, "mos": 3.4},
    {"end_reason": "rejected", "status": 486},
    {"end_reason": "bye", "answered": True, "mos": 2.6},
    {"end_reason": "capture_end", "answered": True, "mos": 4.2},
    {"end_reason": "rejected", "status": 404},
    {"end_reason": "timeout", "answered": True, "mos": None},
]


def speech(seconds: float, seed: int) -> NDArray[np.int16]:
    """Two voices that take turns, shape [n, 2]; not speech, but of its loudness."""
    random = np.random.default_rng(seed)
    count = int(seconds * RATE)
    time = np.arange(count) / RATE
    out = np.zeros((count, 2))
    start = 0.3
    side = 0
    while start < seconds - 0.5:
        lasts = min(float(random.uniform(0.8, 3.5)), seconds - start)
        inside = (time >= start) & (time < start + lasts)
        pitch = 120 if side == 0 else 205
        syllables = np.abs(np.sin(2 * np.pi * random.uniform(1.7, 2.6) * time[inside])) ** 0.7
        voice = sum(np.sin(2 * np.pi * pitch * n * time[inside]) / n for n in range(1, 9))
        out[inside, side] = 0.22 * syllables * voice * (0.7 + 0.3 * random.random(inside.sum()))
        start += lasts + float(random.uniform(0.05, 0.6))
        side = 1 - side
    return np.clip(out * 32767, -32768, 32767).astype(np.int16)


def sip_messages(call: Call) -> list[dict[str, Any]]:
    """An INVITE answered or not, through one proxy."""
    phone, proxy, other = "192.0.2.10:5060", "192.0.2.1:5060", "198.51.100.7:5060"
    script = [
        (phone, proxy, "INVITE"),
        (proxy, phone, "100 Trying"),
        (proxy, other, "INVITE"),
        (other, proxy, "180 Ringing"),
        (proxy, phone, "180 Ringing"),
    ]
    if call.answered:
        script += [(other, proxy, "200 OK"), (proxy, phone, "200 OK"), (phone, proxy, "ACK"), (proxy, other, "ACK")]
        script += [(phone, proxy, "BYE"), (proxy, other, "BYE"), (other, proxy, "200 OK"), (proxy, phone, "200 OK")]
    else:
        script += [
            (other, proxy, f"{call.status} Refused"),
            (proxy, phone, f"{call.status} Refused"),
            (phone, proxy, "ACK"),
        ]
    begin = int(call.started.timestamp() * 1e9)
    step = 40_000_000
    times = [begin + step * number for number in range(len(script))]
    if call.answered:
        answered, ended = int(call.answered.timestamp() * 1e9), int(call.ended.timestamp() * 1e9)
        times[5:9] = [answered + step * number for number in range(4)]
        times[9:] = [ended + step * number for number in range(4)]
    return [
        {"time_ns": time, "source": source, "destination": target, "transport": "udp", "text": sip_text(call, words)}
        for time, (source, target, words) in zip(times, script, strict=True)
    ]


def sip_text(call: Call, words: str) -> str:
    first = f"SIP/2.0 {words}" if words[0].isdigit() else f"{words} sip:{call.callee}@example.org SIP/2.0"
    media = ["v=0", "o=- 1 1 IN IP4 192.0.2.10", "s=-", "c=IN IP4 192.0.2.10", "t=0 0", "m=audio 16384 RTP/AVP 8"]
    sdp = "\r\n".join([*media, "a=rtpmap:8 PCMA/8000", ""])
    has_sdp = words in {"INVITE", "200 OK"}
    lines = [
        first,
        "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK776asdhds",
        f'From: "{call.caller_name}" <sip:{call.caller}@example.org>;tag=1928301774',
        f"To: <sip:{call.callee}@example.org>",
        f"Call-ID: {call.call_ids[0]}",
        "CSeq: 1 INVITE",
        *(["Content-Type: application/sdp"] if has_sdp else []),
        f"Content-Length: {len(sdp) if has_sdp else 0}",
    ]
    return "\r\n".join(lines) + "\r\n\r\n" + (sdp if has_sdp else "")


def make_call(number: int, *, now: datetime, sound: bool = True, seconds: float | None = None) -> Call:
    """One stored call; the number chooses its parties, its end and its time."""
    random = np.random.default_rng(number)
    end = ENDS[number % len(ENDS)]
    caller, callee = PEOPLE[number % len(PEOPLE)], PEOPLE[(number * 3 + 1) % len(PEOPLE)]
    if caller == callee:
        callee = PEOPLE[(number * 3 + 2) % len(PEOPLE)]
    answered = bool(end.get("answered"))
    lasts = (seconds or float(random.uniform(6, 40))) if answered else 0.0
    started = now - timedelta(minutes=7 * number + 3, seconds=float(random.uniform(0, 59)))
    begun = started + timedelta(seconds=float(random.uniform(2, 12)))
    call = Call(
        id=uuid.uuid5(uuid.NAMESPACE_URL, f"demo:{number}"),
        protocol="sip",
        caller=caller[0],
        callee=callee[0],
        caller_name=caller[1],
        callee_name=callee[1],
        caller_uri=f"sip:{caller[0]}@example.org",
        callee_uri=f"sip:{callee[0]}@example.org",
        call_ids=[f"{uuid.uuid5(uuid.NAMESPACE_DNS, str(number)).hex[:20]}@192.0.2.10"],
        started=started,
        answered=begun if answered else None,
        ended=begun + timedelta(seconds=lasts),
        duration_ms=round(lasts * 1000),
        end_reason=end["end_reason"],
        status=end.get("status"),
        codecs=("PCMA" if number % 3 else "G722") if answered else "",
        mos=end.get("mos"),
        has_audio=sound and answered and end["end_reason"] != "timeout",
        why_no_audio="no RTP packets" if answered and end["end_reason"] == "timeout" else "",
        node=str(node.identity().uuid),
        version=1,
    )
    if number == 3:
        gap = int(begun.timestamp() * 1e9) + 4_000_000_000
        call.gaps = [{"from_ns": gap, "to_ns": gap + 1_800_000_000, "why": "capture was not running"}]
    call.save()
    if answered:
        _streams(call, lasts)
    _files(call, lasts)
    return call


def failed_call(now: datetime) -> Call:
    return Call.objects.create(
        id=uuid.uuid5(uuid.NAMESPACE_URL, "demo:failed"),
        protocol="sip",
        caller="2102",
        callee="+31205550199",
        call_ids=["failed@192.0.2.10"],
        started=now - timedelta(minutes=1),
        answered=now - timedelta(seconds=55),
        ended=now - timedelta(seconds=20),
        duration_ms=35_000,
        end_reason="bye",
        state=State.FAILED,
        problem="The renderer ran out of time; attempt 2 of 3 follows in one minute.",
    )


def hostile_call(now: datetime) -> Call:
    """Parties as a torture test sends them: as long as they may be, without a space, with markup."""
    return Call.objects.create(
        id=uuid.uuid5(uuid.NAMESPACE_URL, "demo:hostile"),
        protocol="rtp",
        caller="<b>" + "w" * 147,
        callee="0" * 150,
        caller_name="Ω" * 150,
        caller_uri="sip:" + "w" * 490,
        call_ids=["../../" + "x" * 400],
        started=now - timedelta(days=400),
        ended=now - timedelta(days=400),
        end_reason="something new",
        codecs="unknown (payload type 111), " * 7,
    )


def seed(count: int = 14, *, now: datetime | None = None) -> list[Call]:
    """So many calls, newest first, with their files in the library."""
    now = now or datetime.now(UTC)
    layout.prepare(settings.APRESA)
    node.claim_library(settings.APRESA.library)
    return [make_call(number, now=now) for number in range(count)]


def _streams(call: Call, lasts: float) -> None:
    addresses = [
        ("192.0.2.10:16384", "198.51.100.7:20512", "caller"),
        ("198.51.100.7:20512", "192.0.2.10:16384", "callee"),
    ]
    for position, (source, destination, side) in enumerate(addresses):
        lost = 0 if (call.mos or 5) > 4 else 23 * (position + 1)
        Stream.objects.create(
            call=call,
            position=position,
            ssrc=f"0x{0x1A2B3C00 + position:08X}",
            codec=call.codecs,
            source=source,
            destination=destination,
            side=side,
            packets=round(lasts * 50) - lost,
            lost=lost,
            late=position,
            duplicates=0,
            jitter_ms=1.4 + position,
            mos=call.mos,
            seconds=lasts,
            first=call.answered,
            last=call.ended,
        )


def _files(call: Call, lasts: float) -> None:
    version = Version(call=call, number=1, duration_ms=call.duration_ms, sample_rate=RATE)
    details = {"messages": sip_messages(call), "digits": _digits(call), "streams": [], "warnings": []}
    path = Path(settings.APRESA.library)
    with tempfile.TemporaryDirectory() as folder, open_library(path, None) as library:
        audio = Path(folder) / "audio.flac"
        if call.has_audio:
            samples = speech(lasts, call.pk.int % 1000)
            meter = PeakMeter(RATE)
            meter.add(samples)
            with encoding(audio, "flac", RATE) as write:
                write(samples)
            version.sha256 = sha256_of(audio)
            version.format, version.size = "flac", audio.stat().st_size
            version.file = _name(call, version, "flac")
            version.peaks = _name(call, version, "peaks")
            library.stage(audio, version.file)
            library.stage_bytes(meter.pack(), version.peaks)
        version.details = _name(call, version, "json.gz")
        library.stage_bytes(gzip.compress(json.dumps(details).encode()), version.details)
        library.publish()
    version.save()


def _name(call: Call, version: Version, extension: str) -> str:
    return file_name(call.pk, 1, version.sha256 or "0" * 8, call.started, extension)


def _digits(call: Call) -> list[dict[str, Any]]:
    if not call.answered:
        return []
    begin = int(call.answered.timestamp() * 1e9)
    return [
        {"time_ns": begin + 2_000_000_000 + 700_000_000 * place, "digit": digit, "side": "caller", "ms": 120}
        for place, digit in enumerate("1#42")
    ]
