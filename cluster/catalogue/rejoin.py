"""Why a database that was the active one may not follow the other node's with its files as they are."""

from collections.abc import Mapping
from types import MappingProxyType

from cluster.catalogue.mark import gettext_noop as _

REJOIN: Mapping[str, str] = MappingProxyType(
    {
        "other-silent": _("{other} could not be asked: {detail}"),
        "other-passive": _("{other} is not active, or does not take writes."),
        "unknown": _("Where the database of {node} stands is not known: {detail}"),
        "not-in-order": _("The database of {node} was not shut down in order ({state})."),
        "runs": _("The database of {node} runs."),
        "marks": _("Another repair has left its marks on {node}: {marks}."),
        "ticket": _("A recovery is open, or nobody can tell."),
        "strangers": _("The databases of {node} and {other} are not copies of each other."),
        "no-fork": _("The history of the database of {other} does not begin with that of {node}."),
        "beyond": _(
            "The database of {node} has {bytes} bytes of its log behind the point where {other} went on: "
            "they would be lost."
        ),
        "recordings-unknown": _("The recordings of {node} and {other} could not be compared."),
        "recordings-parted": _("The recordings of {node} are not those that {other} goes on with."),
    }
)
