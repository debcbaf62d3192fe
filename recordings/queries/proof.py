"""What proves a call: its links, the way from each to a signed head, the closed day, the keys."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from apresa.audit.models import Entry
from recordings.domain.chaining import as_read
from recordings.evidence import merkle
from recordings.models import Call, CallAlias, DayRoot, Head, Link, NodeKey


def audit_trail(call: Call) -> list[Entry]:
    """Every act on the call, under any of its ids, oldest first."""
    names = [call.pk, *CallAlias.objects.filter(call=call).values_list("pk", flat=True)]
    objects = [f"call {name}" for name in names]
    return list(Entry.objects.using("default").filter(object__in=objects).order_by("at", "node", "boot", "number"))


def chains(links: Iterable[Link]) -> list[dict[str, Any]]:
    """The links from each of these to the head that was signed next; those with the same head together."""
    first: dict[int, tuple[Head, int]] = {}
    for link in links:
        later = Head.objects.filter(node=link.node, boot=link.boot, number__gte=link.number)
        head = later.order_by("number").first()
        if head:
            first[head.pk] = head, min(link.number, first.get(head.pk, (head, link.number))[1])
    return [
        {"links": _between(head, number), "head": {"text": head.text, "signatures": head.signatures}}
        for head, number in first.values()
    ]


def _between(head: Head, number: int) -> list[str]:
    rows = Link.objects.filter(node=head.node, boot=head.boot, number__gte=number, number__lte=head.number)
    return [as_read(row).text for row in rows.order_by("number")]


def days(link: Link) -> list[dict[str, Any]]:
    """The path from the link to its day's root; nothing before the day is closed."""
    root = DayRoot.objects.filter(pk=link.day).first() if link.day else None
    if root is None:
        return []
    digests = list(Link.objects.filter(day=link.day).values_list("digest", flat=True))
    path = merkle.path(digests, digests.index(link.digest))
    return [{"text": root.text, "signatures": root.signatures, "leaf": link.digest, "path": path}]


def links_of(bodies: Iterable[str]) -> list[Link]:
    return list(Link.objects.filter(Q(body__in=list(bodies))))


def keys(signed: Iterable[dict[str, Any]], own: str) -> list[dict[str, str]]:
    """The keys that made these signatures, and this node's own."""
    used = {item["key"] for statement in signed for item in statement["signatures"]} | {own}
    return [
        {"public": key.public, "node": str(key.node), "name": key.name} for key in NodeKey.objects.filter(pk__in=used)
    ]
