"""Calls that go on under a Call-ID of their own behind a B2BUA, found by a header that it hands through."""

from recordings.pipeline.signalling.call import Call
from recordings.pipeline.signalling.transfers import legs
from recordings.pipeline.signalling.wire import Seen

Leg = tuple[str, str]


class Legs:
    """The live calls by what their legs have in common; each call by its first INVITE."""

    def __init__(self) -> None:
        self.calls: dict[Leg, Call] = {}
        self.of: dict[str, list[Leg]] = {}

    def find(self, seen: Seen, headers: tuple[str, ...]) -> Call | None:
        """The call of which this INVITE is another leg; it is that call's from now on."""
        for leg in legs(seen.message, headers):
            call = self.calls.get(leg)
            if call and call.join(seen.message.call_id):
                return call
        return None

    def add(self, call: Call, seen: Seen, headers: tuple[str, ...]) -> None:
        if found := legs(seen.message, headers):
            self.of[call.local] = found
            self.calls.update(dict.fromkeys(found, call))

    def remove(self, call: Call) -> None:
        for leg in self.of.pop(call.local, ()):
            if self.calls.get(leg) is call:
                del self.calls[leg]
