"""The primary's open offer: how long, how often, and for whom. Pure: time comes in, the changed offer goes out."""

import hashlib
import hmac
import json
import math
from dataclasses import asdict, dataclass, field, replace

VALID = 15 * 60.0  # seconds
MOST_FAILURES = 5
CLOCKS_APART = 60.0


class OfferError(ValueError):
    """The stored offer cannot be read."""


@dataclass(frozen=True, slots=True)
class Offer:
    """All times are seconds since 1970."""

    secret: bytes = field(repr=False)
    until: float
    failures: int = 0
    not_before: float = 0.0
    given_to: str = ""
    """Digest of the request that was granted: the same machine may ask again, another never."""
    listen: str = ""
    """The address at which this node's worker listens; "" where the command that made the code does it itself."""
    trouble: str = ""
    """Why nobody can listen; one sentence."""

    def as_bytes(self) -> bytes:
        return json.dumps({**asdict(self), "secret": self.secret.hex()}).encode()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the offer is judged by."""

    at: float
    request: str
    right: bool
    """Whether the proof is that of the code."""


@dataclass(frozen=True, slots=True)
class Verdict:
    granted: bool
    reason: str = ""
    wait: float = 0.0


def load(data: bytes) -> Offer:
    """Raises OfferError whatever the bytes."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    match found:
        case {
            "secret": str(secret),
            "until": float(until),
            "failures": int(failures),
            "not_before": float(not_before),
            "given_to": str(given_to),
            "listen": str(listen),
            "trouble": str(trouble),
        } if math.isfinite(until) and math.isfinite(not_before):
            try:
                return Offer(bytes.fromhex(secret), until, failures, not_before, given_to, listen, trouble)
            except ValueError:
                pass
    raise OfferError("The stored pairing offer cannot be read; make a new code.")


def judge(offer: Offer | None, asked: Asked) -> tuple[Offer | None, Verdict]:
    """May this machine come in? The offer as it is afterwards (None: over), and the verdict."""
    if offer is None:
        return None, Verdict(False, "No code is open on the primary; make one there.")
    if asked.at >= offer.until:
        return None, Verdict(False, "This code is too old; make a new one on the primary.")
    if asked.at < offer.not_before:
        wait = offer.not_before - asked.at
        return offer, Verdict(False, f"A wrong code came before; try again in {math.ceil(wait)} seconds.", wait)
    if not asked.right:
        return _failed(offer, asked.at)
    digest = digest_of(asked.request)
    if offer.given_to and not hmac.compare_digest(offer.given_to, digest):
        return offer, Verdict(False, "This code was used by another machine; make a new one on the primary.")
    return replace(offer, given_to=digest), Verdict(True)


def digest_of(request: str) -> str:
    return hashlib.sha256(request.encode()).hexdigest()


def _failed(offer: Offer, at: float) -> tuple[Offer | None, Verdict]:
    failures = offer.failures + 1
    if failures >= MOST_FAILURES:
        return None, Verdict(False, "The code was wrong too often and is void; make a new one on the primary.")
    wait = 2.0**failures
    changed = replace(offer, failures=failures, not_before=at + wait)
    return changed, Verdict(False, "The code is wrong; compare it with the primary's screen.", wait)


def clocks_fault(theirs: float, ours: float) -> str:
    """One sentence where the clocks differ too much, else ""."""
    apart = abs(theirs - ours)
    if apart <= CLOCKS_APART:  # false for "not a number", too
        return ""
    much = f"{apart:.0f} seconds" if math.isfinite(apart) else "beyond measure"
    return f"The clocks of the two machines differ by {much}; set both by NTP first."


def release_fault(theirs: str, ours: str) -> str:
    """One sentence where the releases differ, else ""."""
    if theirs == ours:
        return ""
    return f"The secondary has release {theirs[:40]!r} and the primary {ours!r}; install the same on both."
