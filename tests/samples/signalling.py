"""SIP messages made in memory, and journals that tell a story with them."""

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.write import udp_frame
from recordings.pipeline.signalling.engine import Engine
from recordings.pipeline.spool.calls import CallFile
from recordings.pipeline.spool.journal import Kind, Record, facts_payload, frame_payload
from recordings.pipeline.spool.policy import Policy

START_NS = 1_700_000_000_000_000_000
ALICE, BOB, PROXY = "192.0.2.1:5060", "192.0.2.2:5060", "192.0.2.9:5060"
ALICE_MEDIA, BOB_MEDIA = "192.0.2.1:4000", "192.0.2.2:6000"
_BEHIND = "192.0.2.9:7000"


def sdp(address: str, *lines: str, formats: str = "8 101", kind: str = "audio", profile: str = "RTP/AVP") -> bytes:
    """A session description with one m= line, received at `address`."""
    host, _, port = address.rpartition(":")
    text = [
        "v=0",
        f"o=- {port} 1 IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m={kind} {port} {profile} {formats}",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:101 telephone-event/8000",
        *lines,
    ]
    return "\r\n".join([*text, ""]).encode()


def sip(first_line: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [first_line, *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines.append(f"Content-Type: {headers.get('Content-Type', 'application/sdp')}")
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*dict.fromkeys(lines), "", ""]).encode() + body


class Story:
    """Records of a journal, made one after the other; `time` is seconds since the start."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.time = 0.0

    @property
    def now_ns(self) -> int:
        return START_NS + round(self.time * 1e9)

    def put(self, kind: Kind, payload: bytes) -> None:
        self.records.append(Record(len(self.records) + 1, kind, self.now_ns, payload))

    def frame(self, source: str, destination: str, payload: bytes) -> None:
        data = udp_frame(source, destination, payload)
        self.put(Kind.FRAME, frame_payload(Frame(self.now_ns, 1, data, len(data))))

    def request(
        self,
        method: str,
        body: bytes = b"",
        *,
        hop: tuple[str, str] = (ALICE, BOB),
        call_id: str = "call-1",
        cseq: int = 1,
        tags: tuple[str, str] = ("a", ""),
        branch: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        """A request from hop[0] to hop[1]; tags are those of From and To."""
        text = self._headers(method, call_id, cseq, tags, branch or f"z9hG4bK{method}{cseq}") | (headers or {})
        self.frame(*hop, sip(f"{method} sip:bob@example.com SIP/2.0", text, body))

    def response(
        self,
        status: int,
        body: bytes = b"",
        *,
        hop: tuple[str, str] = (BOB, ALICE),
        method: str = "INVITE",
        call_id: str = "call-1",
        cseq: int = 1,
        tags: tuple[str, str] = ("a", "b"),
        branch: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        text = self._headers(method, call_id, cseq, tags, branch or f"z9hG4bK{method}{cseq}") | (headers or {})
        self.frame(*hop, sip(f"SIP/2.0 {status} Said", text, body))

    @staticmethod
    def _headers(method: str, call_id: str, cseq: int, tags: tuple[str, str], branch: str) -> dict[str, str]:
        parties = [("alice", tags[0]), ("bob", tags[1])]
        if tags[0].startswith("b"):  # the callee asks
            parties = [("bob", tags[0]), ("alice", tags[1])]
        named = [f"<sip:{user}@example.com>" + (f";tag={tag}" if tag else "") for user, tag in parties]
        return {
            "Via": f"SIP/2.0/UDP 192.0.2.1:5060;branch={branch}",
            "From": named[0],
            "To": named[1],
            "Call-ID": call_id,
            "CSeq": f"{cseq} {method}",
        }

    def answered(self, call_id: str = "call-1", here: str = ALICE_MEDIA, there: str = BOB_MEDIA) -> None:
        """INVITE, 180, 200, ACK, half a second each."""
        self.request("INVITE", sdp(here), call_id=call_id)
        self.time += 0.5
        self.response(180, call_id=call_id)
        self.time += 0.5
        self.response(200, sdp(there), call_id=call_id)
        self.request("ACK", call_id=call_id, tags=("a", "b"), branch="z9hG4bKack")

    def bye(self, call_id: str = "call-1") -> None:
        self.request("BYE", call_id=call_id, cseq=2, tags=("a", "b"))
        self.response(200, call_id=call_id, method="BYE", cseq=2)

    def stream(self, name: str, source: str, destination: str, ssrc: int = 1, payload_type: int = 8) -> None:
        facts = {"stream": name, "source": source, "destination": destination, "ssrc": ssrc}
        self.put(Kind.STREAM_OPEN, facts_payload(**facts, payload_type=payload_type, first_ns=self.now_ns))

    def close(self, *names: str, why: str = "idle") -> None:
        for name in names:
            self.put(Kind.STREAM_CLOSE, facts_payload(stream=name, packets=50, last_ns=self.now_ns, why=why))

    def tick(self) -> None:
        self.put(Kind.TICK, facts_payload(until_ns=self.now_ns))

    def wait(self, seconds: float) -> None:
        """Time passes, with a tick at its end."""
        self.time += seconds
        self.tick()

    def end(self) -> None:
        self.put(Kind.END, facts_payload(packets=1))

    def calls(self, policy: Policy | None = None) -> list[CallFile]:
        """What a new engine makes of it."""
        engine = Engine(policy or Policy(), "node")
        return [call for record in self.records for call in engine.feed(record)]


def eventful() -> Story:
    """Calls that overlap, fail, and use their ports and Call-IDs again, with streams, a restart and RTP alone."""
    story = Story()
    story.put(Kind.BOOT, facts_payload(boot="b1", node="node", since_ns=0, reason="start"))
    story.stream("lone", "198.51.100.1:1000", "198.51.100.2:2000", ssrc=9)
    story.answered("call-1")
    story.stream("s1", ALICE_MEDIA, BOB_MEDIA)
    story.stream("s2", BOB_MEDIA, ALICE_MEDIA, ssrc=2)
    story.wait(1)
    story.request("INVITE", sdp("192.0.2.1:4100"), call_id="call-2")
    story.response(401, call_id="call-2")
    story.close("lone")
    story.request("INVITE", sdp("192.0.2.1:4100"), call_id="call-2", cseq=2)
    story.response(486, call_id="call-2", cseq=2)
    story.wait(5)
    story.bye("call-1")
    story.wait(0.5)
    story.bye("call-1")
    story.answered("call-3")
    story.stream("s1", ALICE_MEDIA, BOB_MEDIA, ssrc=3)
    story.wait(2)
    story.put(Kind.BOOT, facts_payload(boot="b2", node="node", since_ns=story.now_ns, reason="restart"))
    story.wait(1)
    story.stream("s3", ALICE_MEDIA, BOB_MEDIA, ssrc=3)
    story.bye("call-3")
    story.wait(1)
    story.answered("call-1")
    story.wait(1)
    story.bye("call-1")
    story.wait(70)
    story.close("s3")
    story.wait(70)
    story.answered("call-4", here="192.0.2.1:4200")
    story.wait(1)
    story.end()
    return story


def two_legs(headers: tuple[dict[str, str], dict[str, str]]) -> Story:
    """Alice calls through a B2BUA, which calls Bob under another Call-ID."""
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA), hop=(ALICE, PROXY), call_id="front", headers=headers[0])
    story.request(
        "INVITE",
        sdp(_BEHIND),
        hop=(PROXY, BOB),
        call_id="behind",
        tags=("p", ""),
        branch="z9hG4bKp",
        headers=headers[1],
    )
    story.response(200, sdp(BOB_MEDIA), hop=(BOB, PROXY), call_id="behind", tags=("p", "b"), branch="z9hG4bKp")
    story.response(200, sdp("192.0.2.9:7002"), hop=(PROXY, ALICE), call_id="front", tags=("a", "q"))
    story.stream("s1", ALICE_MEDIA, "192.0.2.9:7002")
    story.stream("s2", _BEHIND, BOB_MEDIA, ssrc=2)
    story.wait(3)
    story.request("BYE", hop=(ALICE, PROXY), call_id="front", cseq=2, tags=("a", "q"))
    story.request("BYE", hop=(PROXY, BOB), call_id="behind", cseq=2, tags=("p", "b"), branch="z9hG4bKp2")
    story.wait(3)
    return story
