"""The few SIP and SDP texts that a demonstration call needs (RFC 3261, RFC 4566)."""

import secrets
from dataclasses import dataclass, field

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Party:
    """One telephone: who it is and where it hears SIP and RTP."""

    name: str
    number: str
    sip: Address
    rtp: Address
    tag: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def uri(self) -> str:
        return f"sip:{self.number}@{self.sip[0]}:{self.sip[1]}"


@dataclass(frozen=True, slots=True)
class Dialog:
    """What all messages of one call share."""

    caller: Party
    callee: Party
    call_id: str = field(default_factory=lambda: f"{secrets.token_hex(8)}@demo")
    branch: str = field(default_factory=lambda: f"z9hG4bK{secrets.token_hex(6)}")

    def request(self, method: str, number: int, body: bytes = b"") -> bytes:
        branch = self.branch if method == "INVITE" else f"{self.branch}-{method.lower()}"
        first = f"{method} {self.callee.uri} SIP/2.0"
        return self._message(first, f"{number} {method}", branch, method != "INVITE", body)

    def response(self, status: str, method: str, number: int, body: bytes = b"") -> bytes:
        branch = self.branch if method == "INVITE" else f"{self.branch}-{method.lower()}"
        return self._message(f"SIP/2.0 {status}", f"{number} {method}", branch, not status.startswith("100"), body)

    def _message(self, first: str, sequence: str, branch: str, tagged: bool, body: bytes) -> bytes:
        caller, callee = self.caller, self.callee
        sender = callee if first.startswith("SIP/") else caller
        lines = [
            first,
            f"Via: SIP/2.0/UDP {caller.sip[0]}:{caller.sip[1]};branch={branch}",
            f'From: "{caller.name}" <{caller.uri}>;tag={caller.tag}',
            f'To: "{callee.name}" <{callee.uri}>' + (f";tag={callee.tag}" if tagged else ""),
            f"Call-ID: {self.call_id}",
            f"CSeq: {sequence}",
            f"Contact: <{sender.uri}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body


def sdp(party: Party) -> bytes:
    """An offer or answer of G.711 µ-law, 20 ms a packet."""
    address, port = party.rtp
    lines = (
        "v=0",
        f"o=- 1 1 IN IP4 {address}",
        "s=-",
        f"c=IN IP4 {address}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 0",
        "a=rtpmap:0 PCMU/8000",
        "a=ptime:20",
        "a=sendrecv",
    )
    return "\r\n".join([*lines, ""]).encode()
