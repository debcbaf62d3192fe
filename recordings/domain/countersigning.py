"""The other node signs too what it finds in its own copy of the database: one node alone cannot rewrite what was."""

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from apresa import nodelink
from apresa.node.domain import identity
from apresa.nodelink import LinkError
from recordings.evidence.chain import ProofError
from recordings.evidence.keys import is_signed, node_key
from recordings.models import DayRoot, Head, NodeKey

MOST = 50
PATH = "/link/v1/evidence/sign"


def answer(texts: list[str]) -> dict[str, Any]:
    """Signatures of those of these statements that this node's own database has. Raises OSError, ProofError."""
    key, node = node_key(Path(settings.APRESA.data)), identity()
    heads = Head.objects.filter(text__in=texts).values_list("text", flat=True)
    days = DayRoot.objects.filter(text__in=texts).values_list("text", flat=True)
    signatures = {text: key.sign(text) for text in (*heads, *days)}
    return {"node": str(node.uuid), "name": node.name, "public": key.public, "signatures": signatures}


def ask() -> int:
    """Have the newest statements signed by the other node; how many were. Where it cannot be asked they wait."""
    rows: list[Head | DayRoot] = [*Head.objects.order_by("-pk")[:MOST], *DayRoot.objects.order_by("-day")[:2]]
    waiting = [row for row in rows if len(row.signatures) == 1]
    if not waiting:
        return 0
    try:
        found = nodelink.other_node().post(PATH, {"texts": [row.text for row in waiting]})
    except LinkError:
        return 0
    return _keep(waiting, found)


@transaction.atomic
def _keep(rows: list[Head | DayRoot], found: dict[str, Any]) -> int:
    """Raises ProofError for an answer that cannot be used."""
    own = {item["key"] for row in rows for item in row.signatures}
    try:
        public, node, name = str(found["public"]), str(uuid.UUID(found["node"])), str(found["name"])[:63]
        signatures = {str(text): str(value) for text, value in found["signatures"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ProofError("The other node's signatures cannot be read.") from None
    good = [row for row in rows if is_signed(public, signatures.get(row.text, ""), row.text)]
    if public in own or node == str(identity().uuid) or len(good) < len(signatures):
        raise ProofError("The other node's signatures are not good.")
    if good:
        NodeKey.objects.get_or_create(public=public, defaults={"node": node, "name": name})
    for row in good:
        row.signatures = [*row.signatures, {"key": public, "signature": signatures[row.text]}]
        row.save(update_fields=["signatures"])
    return len(good)
