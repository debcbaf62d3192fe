"""The raw replies of one node: what is asked, kept, sent to the other node and read again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cluster.readers.reply import ReplyError
from cluster.types import Result, Unknown, Why

FORMAT = 1
LONGEST = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Replies:
    node: str
    taken_at: float
    """Seconds since 1970 by this node's clock."""
    results: Mapping[str, Result | Unknown]
    """By the command's name; a command that was not run is missing."""

    def to_json(self) -> str:
        results = {name: _to_dict(result) for name, result in self.results.items()}
        return json.dumps({"format": FORMAT, "node": self.node, "taken_at": self.taken_at, "results": results})


def from_json(text: str) -> Replies:
    """The other direction of `to_json`, for text from anywhere. Raises ReplyError."""
    if len(text) > LONGEST:
        raise ReplyError(f"The report is longer than {LONGEST} characters.")
    try:
        found = json.loads(text)
        if found["format"] != FORMAT:
            raise ReplyError(f"The report has the format {str(found['format'])[:20]!r}; this release reads {FORMAT}.")
        results = {str(name): _from_dict(one) for name, one in found["results"].items()}
        return Replies(_text(found["node"]), float(found["taken_at"]), results)
    except ReplyError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise ReplyError("This is no report of a node.") from None


def _to_dict(result: Result | Unknown) -> dict[str, Any]:
    if isinstance(result, Unknown):
        return {"why": str(result.why), "detail": result.detail}
    return {"argv": list(result.argv), "code": result.code, "out": result.out, "err": result.err}


def _from_dict(one: dict[str, Any]) -> Result | Unknown:
    if "why" in one:
        return Unknown(Why(one["why"]), _text(one["detail"]))
    code = one["code"]
    if not isinstance(code, int):
        raise TypeError(code)
    return Result(tuple(_text(part) for part in one["argv"]), code, _text(one["out"]), _text(one["err"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
