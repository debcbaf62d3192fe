"""May this machine be brought to the release whose files lie here? The manual's order: the primary, then the secondary.

The primary's update changes the tables of the cluster's database, which reach the secondary by replication. A secondary
of a newer release would look for what is not there yet, and after a takeover would run on tables of the older one.
"""

from django.conf import settings

from apresa import database, nodelink
from apresa.audit import domain as audit
from apresa.database import DatabaseState
from apresa.nodelink import LinkError
from apresa.release import release
from cluster.findings import Finding, finding
from cluster.link.report import fetch
from cluster.types import NodeLink, Unknown, Why


def against() -> Finding | None:
    """What speaks against it; a code of `catalogue.updating.AGAINST`."""
    # By the settings: this machine's own database may be of the release before.
    if settings.APRESA.mode == "embedded" or database.state() is DatabaseState.WRITABLE:
        return None
    return judged(release(), _others())


def judged(own: str, others: str | Unknown) -> Finding | None:
    """Of a node that is not active. Pure."""
    if isinstance(others, Unknown):
        return finding("primary-unknown", own=own, detail=others.detail)
    return None if others == own else finding("primary-first", own=own, others=others)


def overridden(reason: str, one: Finding, *, by: str) -> None:
    audit.record(by, "cluster-update-override", reason=reason, why=one.code, detail=str(dict(one.parameters)))


def _others() -> str | Unknown:
    try:
        told = fetch(nodelink.other_node())
    except LinkError as error:
        return _unknown(error.sentence)
    if isinstance(told.link, NodeLink):
        return told.link.release
    return _unknown(told.link.detail if isinstance(told.link, Unknown) else "It gave no answer.")


def _unknown(detail: str) -> Unknown:
    return Unknown(Why.MISSING, detail)
