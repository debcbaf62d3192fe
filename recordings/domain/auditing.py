"""Walking the chains themselves: links changed, taken out or put in, and audit entries that were rewritten."""

import uuid
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from apresa.audit.models import Entry
from apresa.events import domain as events
from apresa.events.models import Severity
from recordings.domain.chaining import as_read, entry_text
from recordings.evidence import chain, statement
from recordings.evidence.chain import AUDIT, digest
from recordings.evidence.keys import is_signed
from recordings.models import Head, Link, NodeKey

BROKEN = events.register(
    "chain-broken",
    Severity.CRITICAL,
    gettext_noop("The chain of evidence is not as it was signed: %(what)s Somebody changed the database."),
)


def faults() -> list[str]:
    """One sentence for each chain that is not whole and each entry that was rewritten; an alarm while there are any."""
    found = [*_chains(), *_entries()]
    if found:
        events.open_alarm(BROKEN, what=found[0])
    else:
        events.close_alarm(BROKEN)
    return found


def _chains() -> Iterator[str]:
    names = Link.objects.order_by("node", "boot").values_list("node", "boot").distinct()
    heads = Head.objects.order_by("node", "boot").values_list("node", "boot").distinct()
    for node, boot in sorted({*names, *heads}, key=str):
        try:
            _walk(Link.objects.filter(node=node, boot=boot), Head.objects.filter(node=node, boot=boot))
        except chain.ProofError as error:
            yield f"{error} (node {node}, boot {boot})"


def _walk(links: QuerySet[Link], heads: QuerySet[Head]) -> None:
    """Raises ProofError."""
    signed = {head.number: head for head in heads}
    keys = _keys()
    former: list[chain.Link] = []
    for row in links.order_by("number").iterator():
        link = as_read(row)
        if not former and link.number != 1:
            raise chain.ProofError("The beginning of the chain is missing.")
        chain.check([*former, link])
        if row.digest != link.digest or (row.said and digest(row.said) != row.body):
            raise chain.ProofError(f"Link {link.number} of the chain was changed.")
        if head := signed.pop(link.number, None):
            _check_head(head, link, keys)
        former = [link]
    if signed:
        raise chain.ProofError(f"The chain ends before its signed head {max(signed)}.")


def is_proved(link: Link) -> bool:
    """Whether the way from this link to the head that was signed next is whole."""
    head = Head.objects.filter(node=link.node, boot=link.boot, number__gte=link.number).order_by("number").first()
    if head is None:
        return False
    rows = Link.objects.filter(node=link.node, boot=link.boot, number__gte=link.number, number__lte=head.number)
    links = [as_read(row) for row in rows.order_by("number")]
    try:
        chain.check(links)
        _check_head(head, links[-1], _keys())
    except chain.ProofError:
        return False
    return True


def _keys() -> dict[str, uuid.UUID]:
    return dict(NodeKey.objects.values_list("public", "node"))


def _check_head(head: Head, link: chain.Link, keys: dict[str, uuid.UUID]) -> None:
    at = head.text.rpartition("\n")[2]
    own = [item for item in head.signatures if str(keys.get(item["key"])) == link.node]
    if head.text != statement.head(link, at) or not own:
        raise chain.ProofError(f"The head {head.number} of the chain does not speak of it.")
    if not all(is_signed(item["key"], item["signature"], head.text) for item in head.signatures):
        raise chain.ProofError(f"The signature of head {head.number} is not good.")


def _entries() -> Iterator[str]:
    """Both ways: an entry whose link speaks of other words, and a link whose entry is gone."""
    linked = set(Link.objects.filter(kind=AUDIT).values_list("body", flat=True))
    for entry in Entry.objects.using("default").filter(linked=True).order_by("pk").iterator():
        body = digest(entry_text(entry))
        if body not in linked:
            yield f"Entry {entry.number} of the audit trail (node {entry.node}, boot {entry.boot}) was changed."
        linked.discard(body)
    if linked:
        yield f"{len(linked)} entries of the audit trail are gone, or were changed."
