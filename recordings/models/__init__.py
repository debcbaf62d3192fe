"""The calls in the database: what settling writes, and what people and programs see."""

from recordings.models.act import HeldCall, Hold, Note, Tag
from recordings.models.call import Call, CallAlias, CallKey, CallQuerySet, Contest, State, UserNumber
from recordings.models.certificate import Certificate
from recordings.models.decision import Decision, DecisionCount, DecisionQuerySet, Kept
from recordings.models.proof import DayRoot, Head, Link, NodeKey
from recordings.models.tombstone import Tombstone, TombstoneKey, Why
from recordings.models.version import Stream, Version

__all__ = [
    "Call",
    "CallAlias",
    "CallKey",
    "CallQuerySet",
    "Certificate",
    "Contest",
    "DayRoot",
    "Decision",
    "DecisionCount",
    "DecisionQuerySet",
    "Head",
    "HeldCall",
    "Hold",
    "Kept",
    "Link",
    "NodeKey",
    "Note",
    "State",
    "Stream",
    "Tag",
    "Tombstone",
    "TombstoneKey",
    "UserNumber",
    "Version",
    "Why",
]
