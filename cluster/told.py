"""What the other node told over the link: kept beside this node's own replies, and read again. Pure."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cluster import replies as own
from cluster.readers.reply import ReplyError
from cluster.replies import Replies
from cluster.types import NodeLink, Unknown, Why

LONGEST_RELEASE = 100


@dataclass(frozen=True, slots=True)
class Repairing:
    """A recovery that is open on the other node; `going`: whether its job runs or waits now."""

    survivor: str
    loser: str
    step: str
    progress: int
    going: bool


@dataclass(frozen=True, slots=True)
class Told:
    """`replies` are None where the link is unknown, or there is none; their time is by this node's clock."""

    replies: Replies | Unknown | None = None
    link: NodeLink | Unknown | None = None
    repair: Repairing | None = None

    def to_json(self) -> str:
        replies = self.replies
        if isinstance(replies, Replies):
            repair = asdict(self.repair) if self.repair else None
            return json.dumps({"replies": replies.to_json(), "link": _link(self.link), "repair": repair})
        return json.dumps({"replies": _unknown(replies), "link": _link(self.link)})


def read_answer(found: Mapping[str, Any], *, sent: float, came: float, own_release: str) -> Told:
    """An answer to the question for a report; `sent` and `came` are by this node's clock. Raises ReplyError.

    The report's own time becomes this clock's, by its age: nodes whose clocks differ can be compared all the same.
    """
    now, age, release = _number(found.get("now")), _number(found.get("age")), found.get("release")
    if not isinstance(release, str) or age < 0:
        raise ReplyError("The other node's report is of another kind; is it of the same release?")
    link = NodeLink(release[:LONGEST_RELEASE], own_release, max(0.0, came - sent), now - (sent + came) / 2)
    told = own.from_json(json.dumps(found.get("replies")))
    return Told(Replies(told.node, came - age, told.results), link, _repair(found.get("repair")))


def from_json(text: str) -> Told:
    """The other direction of `to_json`. Raises ReplyError."""
    if not text:
        return Told()
    try:
        found = json.loads(text)
        replies, link = found["replies"], found["link"]
        told = own.from_json(replies) if isinstance(replies, str) else _from_unknown(replies)
        way = _way(link["way"]) if link and "way" in link else _from_unknown(link)
        return Told(told, way, _repair(found.get("repair")))
    except ReplyError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ReplyError("What the other node told cannot be read.") from None


def _repair(found: object) -> Repairing | None:
    """Raises ReplyError; a node of an earlier release tells none."""
    match found:
        case None:
            return None
        case {
            "survivor": str(survivor),
            "loser": str(loser),
            "step": str(step),
            "progress": int(progress),
            "going": bool(going),
        }:
            return Repairing(survivor[:63], loser[:63], step[:200], max(0, min(100, progress)), going)
    raise ReplyError("The other node tells of a recovery that cannot be read.")


def _link(link: NodeLink | Unknown | None) -> dict[str, Any] | None:
    return {"way": asdict(link)} if isinstance(link, NodeLink) else _unknown(link)


def _way(way: dict[str, Any]) -> NodeLink:
    release, own_release = str(way["release"]), str(way["own_release"])
    return NodeLink(release, own_release, _number(way["round_trip"]), _number(way["skew"]))


def _unknown(part: Unknown | None) -> dict[str, Any] | None:
    return {"why": str(part.why), "detail": part.detail} if part else None


def _from_unknown(part: dict[str, Any] | None) -> Unknown | None:
    return Unknown(Why(part["why"]), str(part["detail"])) if part else None


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12 or not math.isfinite(value):
        raise ReplyError("The other node's report has no time.")
    return float(value)
