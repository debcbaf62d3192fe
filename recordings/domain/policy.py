"""The policy file: the settings that capture must know, numbered anew only when they changed (law 1)."""

from dataclasses import replace

from apresa.config import domain as config
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.policy import Policy, parse_policy, write_policy


def compile_policy(number: int) -> Policy:
    """The settings as they are now, under this number."""
    return replace(
        Policy(),
        number=number,
        silence_timeout=float(config.get("capture.silence_timeout")),
        calls_without_signalling=bool(config.get("capture.calls_without_signalling")),
        leg_headers=tuple(config.get("capture.leg_headers")),
    )


def write_current(session: Session) -> Policy:
    """Write the policy file when it is not what the settings say; the policy that holds. Raises OSError."""
    try:
        known = parse_policy(session.policy.read_bytes())
    except (FileNotFoundError, SpoolError):
        known = None
    wanted = compile_policy(known.number if known else 1)
    if wanted == known:
        return wanted
    if known:
        wanted = replace(wanted, number=known.number + 1)
    if session.path.is_dir():  # capture makes its session; until then it obeys the policy number 0
        write_policy(session.policy, wanted)
    return wanted
