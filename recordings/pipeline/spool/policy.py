"""The policy file: all that capture must know, numbered, compiled by the node's worker, replaced atomically."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from apresa.shared.files import write_atomically
from recordings.pipeline.spool.errors import SpoolError

SWITCHED_OFF = "recording is switched off"
WITHOUT_SIGNALLING = "calls without signalling are not recorded"
"""Why a call file says that a call is not to be recorded, where no rule by name says so."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whose private key opens what is sealed: name of the key pair and public key, both in hexadecimal digits."""

    id: str
    public_key: str

    def __post_init__(self) -> None:
        public = bytes.fromhex(self.public_key)
        if len(public) != 32 or hashlib.sha256(public).digest()[:16] != bytes.fromhex(self.id):
            raise ValueError("the public key is not the one that its name says")


@dataclass(frozen=True, slots=True)
class Policy:
    """Number 0 is what capture obeys before a worker ever wrote one. Times are seconds."""

    number: int = 0
    record: bool = True
    calls_without_signalling: bool = True
    silence_timeout: float = 60.0
    linger: float = 0.3
    longest_call: float = 12 * 3600.0
    setup_timeout: float = 300.0
    sip_ports: tuple[int, ...] = (5060, 5080)
    minimum_packets: int = 4
    leg_headers: tuple[str, ...] = ()  # in lower case; INVITEs with the same value in one are legs of one call
    recipient: Recipient | None = None  # with one, nothing of a call is written in clear


def parse_policy(data: bytes) -> Policy:
    """Raises SpoolError for anything but a whole policy with sensible values."""
    try:
        facts = json.loads(data)
        if "sip_ports" in facts:
            facts["sip_ports"] = tuple(int(port) for port in facts["sip_ports"])
        if "leg_headers" in facts:
            facts["leg_headers"] = tuple(str(name).lower() for name in facts["leg_headers"])
        if facts.get("recipient") is not None:
            facts["recipient"] = Recipient(**facts["recipient"])
        policy = Policy(**facts)
        times = (policy.silence_timeout, policy.linger, policy.longest_call, policy.setup_timeout)
        if not all(isinstance(value, int | float) and 0 <= value < 1e6 for value in times):
            raise SpoolError("a time in the policy file is not a number of seconds")
        flags = (policy.record, policy.calls_without_signalling)
        numbers = (policy.number, policy.minimum_packets)
        if any(type(flag) is not bool for flag in flags) or any(type(number) is not int for number in numbers):
            raise SpoolError("a value in the policy file has the wrong type")
    except SpoolError:
        raise
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise SpoolError(f"the policy file is not understood: {error}") from error
    return policy


def write_policy(path: Path, policy: Policy) -> None:
    write_atomically(path, json.dumps(asdict(policy), separators=(",", ":")).encode())


class PolicyReader:
    """Follows the policy file; keeps the last good one, and says why a newer one was refused.

    `known`: a good one was read since this reader began.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.policy = Policy()
        self.refused = ""
        self.known = False
        self._seen: tuple[int, int] | None = None

    def current(self) -> Policy:
        try:
            found = self.path.stat()
            seen = (found.st_mtime_ns, found.st_ino)
            if seen != self._seen:
                self._seen = seen
                self.policy = parse_policy(self.path.read_bytes())
                self.refused = ""
                self.known = True
        except FileNotFoundError:
            return self.policy
        except (OSError, SpoolError) as error:
            self.refused = str(error)
        return self.policy
