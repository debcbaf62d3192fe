"""The verdict about a database that may follow again ↔ JSON, as it is kept among a node's replies."""

import json
from dataclasses import asdict

from cluster.findings import Finding, Value
from cluster.readers.reply import ReplyError
from cluster.rejoin_types import Proof, Verdict

MOST = 50  # reasons, or parameters of one
LONGEST = 500


def told(verdict: Verdict) -> str:
    against = [{"code": one.code, "parameters": dict(one.parameters)} for one in verdict.against]
    return json.dumps({"proof": asdict(verdict.proof) if verdict.proof else None, "against": against})


def read_verdict(text: str) -> Verdict:
    """Raises ReplyError."""
    try:
        found = json.loads(text)
        against = tuple(Finding(_text(one["code"]), _values(one["parameters"])) for one in found["against"][:MOST])
        proof = found["proof"]
        return Verdict(None if proof is None else _proof(proof), against)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ReplyError("Whether the database may follow again cannot be read.") from None


def _proof(found: dict[str, object]) -> Proof:
    system = _text(found["system"])
    return Proof(system, _count(found["timeline"]), _count(found["position"]), _count(found["fork"]))


def _values(found: dict[str, object]) -> dict[str, Value]:
    return {_text(name): _value(value) for name, value in list(found.items())[:MOST]}


def _value(value: object) -> Value:
    return value if isinstance(value, int | float) else _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value[:LONGEST]


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**64:
        raise TypeError(value)
    return value
