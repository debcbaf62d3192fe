"""What the parties of one call announced in SDP: who receives what, where, from when until when."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from recordings.pipeline.capture.frames import endpoint, parse_endpoint
from recordings.pipeline.signalling.sdp import Media, Sdp
from recordings.pipeline.spool.calls import Codec

MOST_ADDRESSES = 128
MOST_SLOTS = 256
MOST_KEYS = 32  # of one side
_KINDS = ("audio", "video")
Slot = tuple[str, ...]  # who announces to whom: a new session description replaces the former one of its slot


@dataclass(slots=True)
class Announcement:
    """`side` receives media at `address`; until_ns is None while it stands. `weak`: not said, but likely (NAT)."""

    address: str
    side: str
    kind: str
    from_ns: int
    until_ns: int | None = None
    codecs: dict[int, Codec] = field(default_factory=dict)
    encrypted: bool = False
    secure: bool = False
    weak: bool = False


class Announced:
    """All announcements of a call, bounded."""

    def __init__(self) -> None:
        self.all: dict[tuple[str, str], Announcement] = {}
        self.slots: dict[Slot, set[tuple[str, str]]] = {}
        self.ssrcs: dict[int, str] = {}
        self.crypto: dict[str, dict[str, None]] = {}

    def take(self, sdp: Sdp, side: str, slot: Slot, sender: str, time_ns: int) -> list[str]:
        """Note a session description that `side` sent from the address `sender`; returns the addresses new with it."""
        if slot not in self.slots and len(self.slots) >= MOST_SLOTS:
            return []
        known = {address for address, _ in self.all}
        current: set[tuple[str, str]] = set()
        for media in sdp.media:
            if media.kind in _KINDS:
                current |= self._media(media, side, sender, time_ns)
        former = self.slots.get(slot, set())
        self.slots[slot] = current
        standing = set().union(*self.slots.values())
        for key in former - standing:
            self.all[key].until_ns = time_ns
        return [address for address, _ in current if address not in known]

    def _media(self, media: Media, side: str, sender: str, time_ns: int) -> set[tuple[str, str]]:
        for ssrc in media.ssrcs[: max(0, MOST_SLOTS - len(self.ssrcs))]:
            self.ssrcs[ssrc] = side
        lines = self.crypto.setdefault(side, {})
        lines.update(dict.fromkeys(media.keys[: MOST_KEYS - len(lines)] if media.kind == "audio" else ()))
        said = [media.address, *media.candidates] if media.address else []
        found = {self._note(address, media, side, time_ns) for address in said}
        if media.address and (guess := _seen_from(sender, media.port)) not in said:
            found.add(self._note(guess, media, side, time_ns, weak=True))
        return {key for key in found if key}

    def _note(
        self, address: str, media: Media, side: str, time_ns: int, *, weak: bool = False
    ) -> tuple[str, str] | None:
        key = (address, side)
        entry = self.all.get(key)
        if entry is None:
            if len(self.all) >= MOST_ADDRESSES:
                return None
            entry = self.all[key] = Announcement(address, side, media.kind, time_ns, weak=weak)
        entry.until_ns = None
        entry.weak &= weak
        entry.codecs.update(media.codecs)
        entry.encrypted, entry.secure = media.encrypted, media.secure
        if media.kind == "audio":
            entry.kind = "audio"
        return key

    def at(self, address: str) -> Iterator[Announcement]:
        for side in ("caller", "callee"):
            if found := self.all.get((address, side)):
                yield found

    def codecs(self, receiver: Announcement | None, speaker: str) -> dict[int, Codec]:
        """Payload types towards a receiver: as the receiver announced them, else as its side or the speaker did."""
        found: dict[int, Codec] = {}
        for entry in self.all.values():
            if entry.side == speaker:
                found.update(entry.codecs)
        for entry in self.all.values():
            if entry.side != speaker:
                found.update(entry.codecs)
        return found | (receiver.codecs if receiver else {})

    def encrypted(self) -> bool:
        """Whether the media are: the profile demands it, or both sides announced keys."""
        audio = [entry for entry in self.all.values() if entry.kind == "audio"]
        sides = {side: [entry.encrypted for entry in audio if entry.side == side] for side in ("caller", "callee")}
        heard = [any(flags) for flags in sides.values() if flags]
        return any(entry.secure for entry in audio) or (bool(heard) and all(heard))

    def keys(self, speaker: str) -> tuple[str, ...]:
        """The a=crypto lines by which a side sends (RFC 4568, 5.1.1) in the order in which they were told, then those
        of the other, as NAT and relays may hide who speaks: only the right one opens a packet."""
        own = self.crypto.get(speaker, {})
        return tuple(own) + tuple(line for lines in self.crypto.values() for line in lines if line not in own)

    def said(self) -> list[str]:
        """The addresses as announced, without guesses, in order."""
        return [entry.address for entry in self.all.values() if not entry.weak]


def _seen_from(sender: str, port: int) -> str:
    """Behind NAT, media mostly come from the address that signalling comes from."""
    return endpoint(parse_endpoint(sender)[0], port)
