"""The life of one call as its SIP messages tell it: all dialogs, forks and hops of one Call-ID (RFC 3261)."""

import re
from dataclasses import dataclass

from recordings.pipeline.signalling import bodies
from recordings.pipeline.signalling.announced import Announced
from recordings.pipeline.signalling.parties import Party, party
from recordings.pipeline.signalling.transfers import remarks
from recordings.pipeline.signalling.wire import Seen
from recordings.pipeline.spool.calls import Message
from recordings.pipeline.spool.policy import Policy

SECOND = 10**9
MOST_MESSAGES = 2000  # kept for the ladder; more are counted
MOST_BYTES = 8 << 20  # of their text
MOST_TAGS = 64
MOST_TRANSACTIONS = 256
MOST_DIGITS = 1000
MOST_REMARKS = 16
MOST_LEGS = 16
MIRRORED_NS = 100_000_000
GIVE_UP_NS = 32 * SECOND  # 64 times T1: when a transaction is over in any case
REFUSED_NS = 2 * SECOND
FOREVER = 1 << 62
UNANSWERED = frozenset({"rejected", "redirected", "cancel"})
_SECONDS = re.compile(r"\s*([0-9]{1,9})")


@dataclass(slots=True)
class Transaction:
    """An INVITE on one hop; status is 0 until its final response."""

    initial: bool
    status: int = 0


@dataclass(slots=True)
class Budget:
    """Bytes of memory that calls share."""

    left: int


class Call:
    """Give it the call's messages in order; `expires_ns` is when to ask `expire`."""

    def __init__(self, seen: Seen, policy: Policy, budget: Budget) -> None:
        self.number, self.first, self.last = seen.number, seen.first, seen.number
        self.local = f"{seen.number:012d}" + (f"-{seen.index}" if seen.index else "")
        self.policy, self.budget = policy, budget
        self.scheduled_ns = FOREVER
        self.call_id = seen.message.call_id
        self.call_ids: dict[str, dict[str, None]] = {self.call_id: {}}  # with the tags of each
        self.remarks: dict[str, None] = {}
        self.started_ns = self.last_ns = seen.time_ns
        self.answered_ns: int | None = None
        self.ended_ns: int | None = None
        self.end_reason = self.ended_by = ""
        self.status: int | None = None
        self.refreshed_ns: int | None = None
        self.session_seconds = 0
        self.cancelled_ns: int | None = None
        self.caller, self.callee = party(seen.message.header("from")), party(seen.message.header("to"))
        self.invite = seen.message.transaction
        self.reused = False
        self.initiators: set[str] = set()
        self.tags: dict[str, None] = {}
        self.confirmed: set[tuple[str, str]] = set()
        self.transactions: dict[tuple[str, int], Transaction] = {}
        self.announced = Announced()
        self.messages: list[Message] = []
        self.message_count = self.kept_bytes = 0
        self.hops: dict[tuple[str, str], int] = {}
        self.digits: list[tuple[int, str, str]] = []
        self.gaps: list[tuple[int, int, str]] = []

    def take(self, seen: Seen) -> list[str]:
        """Follow one message; returns the media addresses that are new with it."""
        message = seen.message
        self.last, self.last_ns = seen.number, max(self.last_ns, seen.time_ns)
        if not self._note(seen):
            return []
        sender, receiver = party(message.header("from")), party(message.header("to"))
        for tag in (sender.tag, receiver.tag):
            if tag and len(self.tags) < MOST_TAGS:
                self.tags[tag] = self.call_ids.setdefault(message.call_id, {})[tag] = None
        if message.method == "INVITE" and message.request:
            self._invite(seen, sender, receiver)
        elif message.method == "INVITE":
            self._response(seen, sender, receiver)
        elif message.request:
            self._request(seen, sender, receiver)
        elif message.method == "BYE" and 200 <= message.status < 300:
            self._bye_answered(seen.time_ns, sender, receiver)
        if message.request and len(self.remarks) < MOST_REMARKS:
            self.remarks.update(dict.fromkeys(remarks(message, self._side(sender))))
        if message.method in {"INVITE", "UPDATE"} and message.status < 300:
            self._refresh(seen)
        return self._media(seen, sender, receiver)

    def join(self, call_id: str) -> bool:
        """Another leg of this call begins; False where it has too many."""
        if self.ended_ns is not None or len(self.call_ids) >= MOST_LEGS:
            return False
        self.call_ids[call_id] = {}
        return True

    def _note(self, seen: Seen) -> bool:
        """Put the message on the ladder; False for one that a second mirror port brought."""
        text = seen.raw.decode("latin-1")
        for other in self.messages[-8:]:
            if seen.time_ns - other.time_ns < MIRRORED_NS and (other.source, other.destination, other.text) == (
                seen.source,
                seen.destination,
                text,
            ):
                return False
        self.message_count += 1
        hop = (min(seen.source, seen.destination), max(seen.source, seen.destination))
        leg = self.hops.setdefault(hop, len(self.hops)) if len(self.hops) < MOST_TAGS else 0
        size = len(text)
        if len(self.messages) < MOST_MESSAGES and self.kept_bytes + size <= MOST_BYTES and size <= self.budget.left:
            self.kept_bytes += size
            self.budget.left -= size
            self.messages.append(Message(seen.time_ns, seen.source, seen.destination, seen.transport, text, leg))
        return True

    def _invite(self, seen: Seen, sender: Party, receiver: Party) -> None:
        initial = not receiver.tag
        if initial or not self.initiators:
            self.initiators.add(sender.tag)
        if seen.message.transaction not in self.transactions and len(self.transactions) < MOST_TRANSACTIONS:
            self.transactions[seen.message.transaction] = Transaction(initial)
            if initial and self.end_reason in UNANSWERED:
                self._revive()

    def _response(self, seen: Seen, sender: Party, receiver: Party) -> None:
        message = seen.message
        if not self.initiators:
            self.initiators.add(sender.tag)
        transaction = self.transactions.get(message.transaction)
        if transaction is None:
            transaction = Transaction(initial=self.answered_ns is None)
            if len(self.transactions) < MOST_TRANSACTIONS:
                self.transactions[message.transaction] = transaction
        if message.status >= 200:
            transaction.status = message.status
        if 200 <= message.status < 300 or (message.status > 100 and not transaction.initial):
            self._answer(seen.time_ns, sender, receiver)
        elif message.status >= 300 and transaction.initial and self.answered_ns is None:
            self._refuse(message.status, seen.time_ns)

    def _answer(self, time_ns: int, sender: Party, receiver: Party) -> None:
        if self.end_reason in UNANSWERED:
            self._revive()
        if self.ended_ns is None:
            self.answered_ns = self.answered_ns or time_ns
            self.status = None
            if len(self.confirmed) < MOST_TAGS:
                self.confirmed.add((sender.tag, receiver.tag))

    def _refuse(self, status: int, time_ns: int) -> None:
        """A final failure ends the call once no branch is left that may still be answered."""
        waiting = any(found.initial and not found.status for found in self.transactions.values())
        if self.status is None or status not in {401, 407}:
            self.status = status
        if not waiting and self.end_reason != "bye":
            self.ended_ns = time_ns
            cancelled = self.cancelled_ns is not None and status == 487
            self.end_reason = "cancel" if cancelled else refusal(status)

    def _revive(self) -> None:
        """Challenged, redirected or refused, and tried again."""
        self.ended_ns, self.end_reason, self.status = None, "", None
        self.ended_by = ""

    def _request(self, seen: Seen, sender: Party, receiver: Party) -> None:
        method = seen.message.method
        if method == "BYE":
            self._bye(seen.time_ns, sender, receiver)
        elif method == "CANCEL" and self.answered_ns is None and self.cancelled_ns is None:
            self.cancelled_ns = seen.time_ns
        elif method == "ACK" and self.answered_ns is None and not self._was_refused(seen):
            self._answer(seen.time_ns, sender, receiver)
        elif method == "INFO" and len(self.digits) < MOST_DIGITS and (digit := bodies.digits(seen.message)):
            self.digits.append((seen.time_ns, digit, self._side(sender)))

    def _was_refused(self, seen: Seen) -> bool:
        """The ACK of a failure has the branch of its INVITE (RFC 3261 section 17.1.1.3); where all responses
        are missing from the capture, any other ACK means an answer."""
        branches = {branch for branch, _ in self.transactions}
        heard = any(message.text.startswith("SIP/2.0") for message in self.messages)
        return heard or seen.message.transaction[0] in branches

    def _bye(self, time_ns: int, sender: Party, receiver: Party) -> None:
        """One fork's BYE leaves the other forks, which have the initiator's tag in common; of hops with tags of their
        own the first BYE ends all."""
        pair = {sender.tag, receiver.tag}
        ended = {dialog for dialog in self.confirmed if set(dialog) == pair}
        self.confirmed -= ended
        starts = {start for start, _ in ended}
        if ended and any(start in starts for start, _ in self.confirmed):
            return
        if self.end_reason != "bye":
            self.ended_ns, self.end_reason, self.status = time_ns, "bye", None
            self.ended_by = self._side(sender)

    def _bye_answered(self, time_ns: int, sender: Party, receiver: Party) -> None:
        """A mirror port may lose the BYE itself: who agrees to it has heard it (RFC 3261 section 15.1.2)."""
        if any(set(dialog) == {sender.tag, receiver.tag} for dialog in self.confirmed):
            self._bye(time_ns, sender, receiver)

    def _refresh(self, seen: Seen) -> None:
        """Session timers (RFC 4028): whoever refreshes says the interval anew."""
        found = _SECONDS.match(seen.message.header("session-expires"))
        if found:
            self.session_seconds = max(90, int(found.group(1)))
        if not seen.message.request:
            self.refreshed_ns = seen.time_ns

    def _side(self, sender: Party) -> str:
        """Who sent a request with this From; a response has the From of its request."""
        return "caller" if sender.tag in self.initiators else "callee"

    def _media(self, seen: Seen, sender: Party, receiver: Party) -> list[str]:
        sdp = bodies.session(seen.message) if seen.message.body else None
        if sdp is None or seen.message.status >= 300:
            return []
        side = self._side(sender)
        tag = sender.tag
        if not seen.message.request:
            side = "callee" if side == "caller" else "caller"
            tag = receiver.tag
        slot = (side, tag, seen.source, seen.destination)
        return self.announced.take(sdp, side, slot, seen.source, seen.time_ns)

    @property
    def media_until_ns(self) -> int:
        """Until when packets that arrive are the call's; a refused call waits for another try, and its last tones."""
        linger = int(self.policy.linger * SECOND)
        if self.ended_ns is None:
            return FOREVER
        return self.ended_ns + (linger if self.end_reason == "bye" else max(linger, REFUSED_NS))

    @property
    def expires_ns(self) -> int:
        """When the call is over, or given up, if nothing more is heard."""
        policy = self.policy
        if self.ended_ns is not None:
            if self.status in {401, 407}:  # a person may be asked for the password
                return self.ended_ns + int(policy.setup_timeout * SECOND)
            return self.media_until_ns
        longest = self.started_ns + int(policy.longest_call * SECOND)
        if self.answered_ns is None:
            if self.cancelled_ns is not None:
                return self.cancelled_ns + GIVE_UP_NS
            return min(longest, self.last_ns + int(policy.setup_timeout * SECOND))
        if self.session_seconds and self.refreshed_ns:
            return min(longest, self.refreshed_ns + (self.session_seconds + 32) * SECOND)
        return longest

    def expire(self, now_ns: int, reason: str = "timeout") -> None:
        """End a call that did not end by itself: its time is over ("timeout"), or the capture ("capture_end")."""
        if self.ended_ns is not None:
            return
        unanswered = self.answered_ns is None
        refused = unanswered and self.status is not None
        cancelled = unanswered and self.cancelled_ns is not None
        self.end_reason = "cancel" if cancelled else refusal(self.status or 0) if refused else reason
        self.ended_ns = max(self.last_ns, now_ns)

    def begins_anew(self, seen: Seen) -> bool:
        """Whether this INVITE uses the Call-ID again for another call (PROTOCOL ID4: phones that restart, SIPp)."""
        message = seen.message
        if not is_initial(seen) or message.transaction in self.transactions:
            return False
        if self.end_reason == "bye":
            return True
        return self.answered_ns is not None and seen.time_ns - self.answered_ns > REFUSED_NS


def refusal(status: int) -> str:
    """How a call ended that got this final answer."""
    return "redirected" if 300 <= status < 400 else "rejected"


def is_initial(seen: Seen) -> bool:
    """An INVITE outside any dialog."""
    return seen.message.request and seen.message.method == "INVITE" and not party(seen.message.header("to")).tag


def begins_call(seen: Seen) -> bool:
    """An INVITE, or where that was not captured, what shows that one is about to be answered."""
    message = seen.message
    if message.method != "INVITE":
        return False
    return message.request or (100 < message.status < 300 and bool(party(message.header("to")).tag))
