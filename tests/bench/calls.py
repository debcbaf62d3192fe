"""What calls cost after capture: parsing SIP, making recordings."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from recordings.pipeline.render.render import render
from recordings.pipeline.render.request import RenderRequest
from recordings.pipeline.signalling import sip
from tests.bench.measure import Result, measure
from tests.samples.flows import rtp
from tests.samples.streams import START, source

INVITE = (
    b"INVITE sip:bob@example.org SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK74bf9\r\nMax-Forwards: 70\r\n"
    b'From: "Alice" <sip:alice@example.org>;tag=9fxced76sl\r\nTo: Bob <sip:bob@example.org>\r\nCSeq: 1 INVITE\r\n'
    b"Call-ID: 3848276298220188511@example.org\r\nContact: <sip:alice@192.0.2.1>\r\nContent-Type: application/sdp\r\n"
    b"Content-Length: 151\r\n\r\nv=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"
    b"t=0 0\r\nm=audio 49172 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)
MESSAGES = 2000


def speech(seconds: int, seed: int) -> list[tuple[int, bytes]]:
    """µ-law packets of a tone with noise, 20 ms each, with their arrival times."""
    chance = np.random.default_rng(seed)
    samples = (chance.normal(0, 8, (seconds * 50, 160)) + 200).clip(128, 255).astype(np.uint8)
    return [(START + n * 20_000_000, rtp(n, ssrc=seed, payload=row.tobytes())) for n, row in enumerate(samples)]


def results(folder: Path, *, seconds: int, formats: tuple[str, ...]) -> Iterator[Result]:
    """SIP messages, and one call of so many seconds to each format."""
    yield measure("parse SIP with SDP", "messages", lambda: sum(bool(sip.parse(INVITE)) for _ in range(MESSAGES)))
    streams = tuple(
        source(folder, f"b-{number}", speech(seconds, number), side) for number, side in ((1, "caller"), (2, "callee"))
    )
    for form in formats:

        def rendered(form: str = form) -> float:
            with tempfile.TemporaryDirectory(dir=folder) as temporary:
                return render(RenderRequest(streams, temporary, "call", form)).seconds

        yield measure(f"call to {form}", "call-seconds", rendered)
